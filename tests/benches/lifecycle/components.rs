//! Components that no gateway has seen before.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use ainfera_tests::plugins;

/// Bytes of a component of real size.
const SIZE: usize = 60_000;
/// The least that one more function is.
const FUNCTION: usize = 500;

/// A dial of 60 KB: the steep reference dial with a module beside it that is
/// compiled, and never called.
pub fn of_60_kb() -> Vec<u8> {
    let mut functions = 2;
    loop {
        let component = with_module(&ballast(functions));
        if component.len() >= SIZE {
            return component;
        }
        functions += (SIZE - component.len()).div_ceil(4 * FUNCTION);
    }
}

/// A dial of 4 KB: the steep reference dial under a new digest.
pub fn small() -> Vec<u8> {
    with_module(&ballast(1))
}

/// The steep dial with one more core module, which nothing instantiates.
fn with_module(text: &str) -> Vec<u8> {
    let module = wat::parse_str(text).expect("a module");
    let mut component = plugins::dist("preference-dial-steep");
    // Section 1 of a component is a core module.
    component.push(1);
    component.extend(leb(module.len()));
    component.extend(module);
    component
}

/// A module of so many functions, like no other.
fn ballast(functions: usize) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1 << 40);
    let mut text = String::from("(module");
    for _ in 0..functions {
        text.push_str("(func (param i64) (result i64) local.get 0");
        for _ in 0..FUNCTION / 8 {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let _ = write!(text, " i64.const {number} i64.mul");
        }
        text.push(')');
    }
    text.push(')');
    text
}

/// Unsigned LEB128.
fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        bytes.push(low | if value > 0 { 0x80 } else { 0 });
        if value == 0 {
            return bytes;
        }
    }
}
