#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ainfera_fuzz::components::component(data));
