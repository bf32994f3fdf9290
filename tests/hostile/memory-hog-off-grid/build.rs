//! Lifts the limit that `ainfera plugin build` sets; the linker takes the last.

fn main() {
    println!("cargo::rustc-link-arg-cdylib=--max-memory=4294901760");
    println!("cargo::rerun-if-changed=build.rs");
}
