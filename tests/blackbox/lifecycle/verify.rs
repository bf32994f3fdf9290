//! Uploads: what is taken, and why the rest is not. Traffic never notices.

use ainfera_tests::client::ask;
use ainfera_tests::gateway::Setup;
use ainfera_tests::plugins;

use super::{DIAL, steep};

#[tokio::test]
async fn what_is_no_component_is_rejected() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let dial = steep();
    let mut flipped = dial.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("text", b"(component)".to_vec()),
        ("an ELF file", b"\x7fELF\x02\x01\x01\x00".repeat(64)),
        ("a core module", b"\0asm\x01\0\0\0".to_vec()),
        ("an empty component", b"\0asm\x0d\0\x01\0".to_vec()),
        ("half a component", dial[..dial.len() / 2].to_vec()),
        ("a damaged component", flipped),
    ] {
        let answer = admin.upload(bytes).await;
        assert!(
            matches!(answer.status, 400 | 422),
            "{what}: {} {}",
            answer.status,
            answer.text()
        );
        assert!(
            !answer.json()["error"]["message"]
                .as_str()
                .unwrap_or_default()
                .is_empty(),
            "{what}"
        );
    }
    gateway
        .client()
        .messages_ok(&ask("ainfera-inference", "hi"))
        .await;
}

#[tokio::test]
async fn an_oversized_upload_is_a_413() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    for size in [(32 << 20) + 1, 65 << 20] {
        let mut huge = b"\0asm\x0d\0\x01\0".to_vec();
        huge.resize(size, 0);
        let answer = admin.upload(huge).await;
        assert_eq!(answer.status, 413, "{size}: {}", answer.text());
        let said = answer.json()["error"]["message"].to_string();
        assert!(said.contains("33554432"), "names the limit: {said}");
    }
    let all = gateway
        .records()
        .number("SELECT count(*) FROM components WHERE length(bytes) > 33554432");
    assert_eq!(all, 0, "nothing of it is kept");
}

#[tokio::test]
async fn the_same_bytes_are_the_same_component() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let first = admin.upload_ok(steep()).await;
    let again = admin.upload(steep()).await;
    assert_eq!(again.status, 200, "{}", again.text());
    assert_eq!(again.json()["digest"], first.as_str());
    assert_eq!(first.len(), 64);
    let shown = admin.get_ok(&format!("plugins/{first}")).await;
    assert_eq!(shown["state"], "verified");
    assert_eq!(shown["slot"], DIAL);
    assert!(shown["report"].to_string().contains("0.20"), "{shown}");
    for missing in ["0".repeat(64), "nonsense".to_owned()] {
        assert_eq!(admin.get(&format!("plugins/{missing}")).await.status, 404);
    }
}

#[tokio::test]
async fn a_rejected_component_can_not_be_proposed() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let answer = admin.upload(plugins::hostile("traps")).await;
    let digest = answer.json()["error"]["digest"]
        .as_str()
        .or(answer.json()["digest"].as_str())
        .map(str::to_owned);
    let unknown = "ab".repeat(32);
    for digest in digest.iter().chain([&unknown]) {
        let answer = admin
            .post("changes", &serde_json::json!({"slots": {DIAL: digest}}))
            .await;
        assert!((400..500).contains(&answer.status), "{}", answer.text());
    }
    let verified = admin.upload_ok(steep()).await;
    for body in [
        serde_json::json!({"slots": {"floor-clamp": verified}}),
        serde_json::json!({"slots": {"no-such-slot": verified}}),
        serde_json::json!({"slots": {}}),
        serde_json::json!({}),
    ] {
        let answer = admin.post("changes", &body).await;
        assert!(
            (400..500).contains(&answer.status),
            "{body}: {}",
            answer.text()
        );
    }
}

/// A component of less than a megabyte whose core module takes minutes to
/// compile: blocks within blocks, each with a way out.
fn slow_to_compile() -> Vec<u8> {
    const DEPTH: usize = 100_000;
    let mut code = vec![0];
    code.extend(b"\x02\x40".repeat(DEPTH)); // block
    code.extend(b"\x20\x00\x0d\x00\x0b".repeat(DEPTH)); // local.get 0, br_if 0, end
    code.extend(b"\x20\x00\x0b"); // local.get 0, end
    let code = [&b"\x01"[..], &sized(&code)].concat();
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend(b"\x01\x06\x01\x60\x01\x7f\x01\x7f"); // a type: i32 to i32
    module.extend(b"\x03\x02\x01\x00"); // a function of it
    module.push(10);
    module.extend(sized(&code));
    [&b"\0asm\x0d\0\x01\0\x01"[..], &sized(&module)].concat()
}

/// With its length before it, in LEB128.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let mut left = bytes.len();
    let mut sized = Vec::new();
    while left >= 0x80 {
        sized.push(0x80 | (left & 0x7f) as u8);
        left >>= 7;
    }
    sized.push(left as u8);
    sized.extend(bytes);
    sized
}

#[tokio::test]
async fn a_component_that_takes_long_to_compile_harms_neither_traffic_nor_a_stop() {
    let setup = Setup::new().timeouts(|timeouts| timeouts.drain = 1_000);
    let gateway = setup.start().await;
    let admin = gateway.admin();
    let upload = tokio::spawn(async move { admin.try_upload(slow_to_compile()).await });
    for _ in 0..20 {
        gateway
            .client()
            .messages_ok(&ask("ainfera-inference", "hi"))
            .await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(gateway.admin().generation().await, 1);
    gateway.terminate();
    gateway.exited().await;
    let answer = upload.await.expect("no panic");
    assert!(answer.is_none_or(|answer| answer.status >= 400));
}
