//! Bytes that nobody's compiler made. They are tried in this process, so that a
//! crash or a stack that overflows is this test's end, and by the gateway.

use std::fmt::Write as _;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::Setup;
use ainfera_tests::plugins;

#[path = "../../fuzz/components.rs"]
mod components;

use components::component;

const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

/// A section, with its length in LEB128.
fn section(id: u8, bytes: &[u8]) -> Vec<u8> {
    let mut left = bytes.len();
    let mut section = vec![id];
    while left >= 0x80 {
        section.push(0x80 | (left & 0x7f) as u8);
        left >>= 7;
    }
    section.push(left as u8);
    section.extend(bytes);
    section
}

/// Components in components, so deep.
fn nested(depth: usize) -> Vec<u8> {
    let mut inner = HEADER.to_vec();
    for _ in 0..depth {
        inner = [HEADER, &section(4, &inner)].concat();
    }
    inner
}

/// A dial that exports so many functions more.
fn with_exports(count: usize) -> Vec<u8> {
    let mut text = plugins::hostile_text("moves-nothing");
    let end = text.rfind(')').expect("the end of the component");
    text.truncate(end);
    for number in 0..count {
        let _ = writeln!(
            text,
            "(func (export \"f{number}\") (result $description) (canon lift (core func $describe) (memory $memory)))"
        );
    }
    text.push(')');
    wat::parse_str(&text).expect("a component")
}

/// A dial with so many bytes of data, far more than its memory has.
fn with_data(bytes: usize) -> Vec<u8> {
    let text = plugins::hostile_text("moves-nothing");
    let at = text.rfind("(core instance").expect("an instance");
    let module_end = text[..at].rfind(')').expect("the end of the core module");
    let data = format!("(data (i32.const 4096) \"{}\")", "x".repeat(bytes));
    let whole = [&text[..module_end], &data, &text[module_end..]].concat();
    wat::parse_str(&whole).expect("a component")
}

/// Lists of lists of lists, so deep.
fn deep_types(depth: u8) -> Vec<u8> {
    let types: Vec<u8> = (0..depth)
        .flat_map(|at| [0x70, if at == 0 { 0x73 } else { at - 1 }])
        .collect();
    let all = [&[depth][..], &types].concat();
    [HEADER, &section(7, &all)].concat()
}

fn odd() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nested once", nested(1)),
        ("nested a hundred times", nested(100)),
        ("nested ten thousand times", nested(10_000)),
        ("lists in lists", deep_types(120)),
        ("thousands of exports", with_exports(5_000)),
        ("huge data", with_data(900_000)),
        ("zeros", vec![0; 1 << 20]),
        ("a component and zeros", [HEADER, &[0; 1 << 19]].concat()),
        (
            "a section of four gigabytes",
            [HEADER, b"\x01\xff\xff\xff\xff\x0f"].concat(),
        ),
        (
            "a million types",
            [HEADER, b"\x07\x04\xc0\x84\x3d\x70"].concat(),
        ),
    ]
}

#[test]
fn odd_binaries_are_rejected_and_harm_nothing() {
    for (what, bytes) in odd() {
        println!("{what}, {} bytes", bytes.len());
        component(&bytes);
    }
}

#[tokio::test]
async fn odd_binaries_are_a_422_and_traffic_goes_on() {
    let gateway = Setup::new().start().await;
    for (what, bytes) in odd() {
        let answer = gateway.admin().upload(bytes).await;
        assert_eq!(answer.status, 422, "{what}: {}", answer.text());
        let said = answer.json();
        let message = said["error"]["reasons"][0]["message"].as_str();
        assert!(
            message.is_some_and(|message| message.len() > 20),
            "{what}: {said}"
        );
        let request = ask("ainfera-inference", "hi");
        gateway.client().messages_ok(&request).await;
    }
}

/// Every length of the first kilobyte, then some.
#[test]
fn truncated_components_are_rejected() {
    let whole = plugins::dist("preference-dial");
    let lengths = (0..1024).chain((1024..whole.len()).step_by(97));
    for length in lengths {
        component(&whole[..length]);
    }
}

#[test]
fn components_with_flipped_bits_are_verified_or_rejected() {
    for name in ["alias-resolver", "preference-dial", "floor-clamp"] {
        let whole = plugins::dist(name);
        // Strides that share no factor with the length of a byte meet every bit.
        for bit in (0..whole.len() * 8).step_by((whole.len() * 8 / 50) | 1) {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            component(&flipped);
        }
    }
}

/// Pieces cut out, doubled and exchanged between two components.
#[test]
fn spliced_components_are_verified_or_rejected() {
    let (one, other) = (
        plugins::dist("preference-dial"),
        plugins::dist("floor-clamp"),
    );
    for step in 0..60 {
        let at = step * 7919 % one.len();
        let length = step * 31 % 257;
        let until = (at + length).min(one.len());
        let from = (step * 104_729) % (other.len() - 257);
        component(&[&one[..at], &one[until..]].concat());
        component(&[&one[..until], &one[at..]].concat());
        component(&[&one[..at], &other[from..from + length], &one[until..]].concat());
    }
}
