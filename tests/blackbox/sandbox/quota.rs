//! What one author may use of the sandbox.

use std::time::Duration;

use ainfera_tests::client::{RawConnection, form};
use ainfera_tests::gateway::{Gateway, Setup};
use ainfera_tests::wait;

use super::dial;

async fn gateway(sandbox: &str) -> Gateway {
    let config = format!("\n[sandbox]\n{sandbox}\n");
    Setup::new().config(&config).start().await
}

/// A check: its status, what is said, and when to come back.
async fn check(gateway: &Gateway) -> (u16, String, Option<String>) {
    let admin = gateway.admin();
    let answer = admin.form("sandbox/check", &[("component", &dial())]).await;
    let after = answer.header("retry-after").map(str::to_owned);
    (answer.status, answer.text(), after)
}

fn is_limited((status, text, after): (u16, String, Option<String>), why: &str) {
    assert_eq!(status, 429, "{text}");
    assert!(
        text.contains("rate_limited") && text.contains(why),
        "{text}"
    );
    let seconds: u64 = after.expect("retry-after").parse().expect("seconds");
    assert!((1..=300).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn calls_are_counted_by_the_minute() {
    let gateway = gateway("requests_per_minute = 1").await;
    assert_eq!(check(&gateway).await.0, 200);
    is_limited(check(&gateway).await, "1 calls a minute");
    // The quota is of the sandbox alone.
    gateway.admin().upload_ok(dial()).await;
}

#[tokio::test]
async fn time_is_counted_by_the_minute() {
    // However fast the machine is, so many checks take longer than a second.
    let gateway = gateway("requests_per_minute = 100000\nseconds_per_minute = 1").await;
    for _ in 0..100_000 {
        let answer = check(&gateway).await;
        if answer.0 != 200 {
            return is_limited(answer, "1 seconds of compiling and running");
        }
    }
    panic!("no end of time");
}

#[tokio::test]
async fn one_run_at_a_time_is_let_in() {
    let gateway = gateway("").await;
    let url = gateway.admin_url().to_owned();
    let address = url.strip_prefix("http://").expect("an address");
    let (kind, body) = form(&[("component", &dial())]);
    let head = format!(
        "POST /admin/v1/sandbox/check HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        ainfera_tests::gateway::ADMIN_TOKEN,
        body.len()
    );
    let (first, rest) = body.split_at(100);
    // One whose body is still on its way is let in, and holds the place.
    let mut slow = RawConnection::open(address).await;
    slow.send(head).await;
    slow.send(first).await;
    let end = tokio::time::Instant::now() + wait::PATIENCE;
    let refused = loop {
        let answer = check(&gateway).await;
        if answer.0 == 429 {
            break answer;
        }
        assert!(tokio::time::Instant::now() < end, "never let in");
    };
    is_limited(refused, "one at a time");
    slow.send(rest).await;
    let answer = slow.answer(Duration::from_secs(30)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(check(&gateway).await.0, 200, "the place is free again");
}
