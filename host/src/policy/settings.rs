//! The engine's settings that decide what a guest does, the same wherever it is
//! compiled and wherever it runs.

use wasmtime::{Config, OptLevel};

/// Names what decides a guest's fuel and results: the engine's version and the
/// settings that matter. Reports and budgets are valid for one fingerprint.
pub const FINGERPRINT: &str = "wasmtime-48.0.8/cranelift/fuel/nan-canonical/no-relaxed-simd/1";

/// The most memory that any guest can be given, in bytes. Interpreted guests
/// need tens of MiB; the address space is reserved, the pages are not.
pub const MAX_MEMORY: usize = 128 << 20;

/// How guests are compiled that are not worth optimizing. Any engine with
/// [`code_config`] runs the code.
pub(super) fn plain_code_config() -> Config {
    let mut config = code_config();
    config.cranelift_opt_level(OptLevel::None);
    config
}

/// How guests are compiled.
pub(super) fn code_config() -> Config {
    let mut config = Config::new();
    config
        // Without it the pool reserves 4 GiB for each slot.
        .memory_reservation(MAX_MEMORY as u64)
        .memory_guard_size(1 << 20)
        .concurrency_support(false)
        .consume_fuel(true)
        .epoch_interruption(true)
        // One bit pattern for every NaN, so that equal inputs give equal bytes.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false)
        .max_wasm_stack(256 << 10);
    config
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_fingerprint_names_the_locked_engine() {
        let lock = include_str!("../../../Cargo.lock");
        let version = super::FINGERPRINT
            .split('/')
            .next()
            .unwrap_or_default()
            .replace("wasmtime-", "");
        assert!(
            lock.contains(&format!("name = \"wasmtime\"\nversion = \"{version}\"")),
            "the engine changed: name its version in FINGERPRINT"
        );
    }
}
