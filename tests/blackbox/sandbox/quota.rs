//! What one author may use of the sandbox.

use std::time::{Duration, Instant};

use ainfera_tests::client::{Admin, RawConnection, form};
use ainfera_tests::gateway::{Gateway, Setup};
use ainfera_tests::wait;

use super::{author, dial};

async fn gateway(sandbox: &str) -> Gateway {
    let config = format!("\n[sandbox]\n{sandbox}\n");
    Setup::new().config(&config).start().await
}

/// A check: its status, what is said, and when to come back.
async fn check(gateway: &Gateway) -> (u16, String, Option<String>) {
    check_as(&gateway.admin()).await
}

async fn check_as(admin: &Admin) -> (u16, String, Option<String>) {
    let answer = admin.form("sandbox/check", &[("component", &dial())]).await;
    let after = answer.header("retry-after").map(str::to_owned);
    (answer.status, answer.text(), after)
}

/// Refused for this reason, and for so many seconds at most.
fn is_limited((status, text, after): (u16, String, Option<String>), why: &str, most: u64) {
    assert_eq!(status, 429, "{text}");
    assert!(
        text.contains("rate_limited") && text.contains(why),
        "{text}"
    );
    let seconds: u64 = after.expect("retry-after").parse().expect("seconds");
    assert!((1..=most).contains(&seconds), "{seconds}, not {most}");
}

#[tokio::test]
async fn calls_are_counted_by_the_minute() {
    let gateway = gateway("requests_per_minute = 1").await;
    assert_eq!(check(&gateway).await.0, 200);
    is_limited(check(&gateway).await, "1 calls a minute", 60);
    // The quota is of the sandbox alone.
    gateway.admin().upload_ok(dial()).await;
}

#[tokio::test]
async fn each_author_has_a_quota_of_their_own() {
    let gateway = gateway("requests_per_minute = 1").await;
    for name in ["ada", "bob"] {
        let author = author(&gateway, name).await;
        let (status, text, _) = check_as(&author).await;
        assert_eq!(status, 200, "{name}: {text}");
        is_limited(check_as(&author).await, "1 calls a minute", 60);
    }
}

#[tokio::test]
async fn time_is_counted_by_the_minute() {
    // However fast the machine is, so many checks take longer than a second.
    let gateway = gateway("requests_per_minute = 100000\nseconds_per_minute = 1").await;
    let mut last = Duration::ZERO;
    for _ in 0..100_000 {
        let asked = Instant::now();
        let answer = check(&gateway).await;
        if answer.0 != 200 {
            // All that the last one took may be owed, and a second a minute comes back.
            let most = (60 * last).as_secs() + 1;
            return is_limited(answer, "1 seconds of compiling and running", most);
        }
        last = asked.elapsed();
    }
    panic!("no end of time");
}

#[tokio::test]
async fn one_run_at_a_time_is_let_in() {
    let gateway = gateway("seconds_per_minute = 100000").await;
    let url = gateway.admin_url().to_owned();
    let address = url.strip_prefix("http://").expect("an address");
    let (kind, body) = form(&[("component", &dial())]);
    let head = format!(
        "POST /admin/v1/sandbox/check HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nprefer: wait=120\r\nexpect: 100-continue\r\n\r\n",
        ainfera_tests::gateway::ADMIN_TOKEN,
        body.len()
    );
    // One whose body is waited for was let in, and holds the place.
    let mut slow = RawConnection::open(address).await;
    assert!(slow.send(head).await, "an open connection");
    slow.told_to_go_on(wait::PATIENCE).await;
    is_limited(check(&gateway).await, "one at a time", 1);
    assert!(slow.send(body).await, "an open connection");
    let answer = slow.answer(wait::PATIENCE).await;
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert_eq!(check(&gateway).await.0, 200, "the place is free again");
}
