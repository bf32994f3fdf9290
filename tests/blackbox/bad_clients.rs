//! Clients that send malformed, oversized, truncated or slow requests, or leave.

use ainfera_tests::client::{Dialect, RawConnection, ask, streamed};
use ainfera_tests::gateway::{API_KEY, Catalog, Gateway, Setup};
use ainfera_tests::upstream::{Behaviour, End, Upstream};
use ainfera_tests::wait::{self, PATIENCE};
use ainfera_tests::world::World;
use serde_json::json;

fn head(length: usize) -> String {
    format!(
        "POST /v1/messages HTTP/1.1\r\nhost: gateway\r\nx-api-key: {API_KEY}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// One that soon gives up on a client that is slow, as the test itself may be: for tests
/// of that alone, and those that don't care how it ends.
async fn strict() -> Gateway {
    let setup = Setup::new().timeouts(|timeouts| {
        timeouts.body = 400;
        timeouts.header = 400;
    });
    setup.start().await
}

async fn still_serves(gateway: &Gateway) {
    gateway
        .client()
        .messages_ok(&ask("ainfera-inference", "hi"))
        .await;
    assert!(!gateway.log().contains("panicked"), "a panic in the log");
}

#[tokio::test]
async fn a_slow_body_is_a_408_in_the_dialect() {
    let gateway = strict().await;
    let mut connection = RawConnection::open(gateway.addr()).await;
    connection.send(head(1000)).await;
    connection.send("{\"model\":").await;
    let answer = connection.answer(PATIENCE).await;
    assert_eq!(answer.status, 408, "{}", answer.head);
    assert_eq!(answer.json()["type"], "error");
    still_serves(&gateway).await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_ended() {
    let gateway = strict().await;
    let mut connection = RawConnection::open(gateway.addr()).await;
    let answer = connection.answer(PATIENCE).await;
    assert_eq!(answer.status, 0, "{}", answer.head);
    still_serves(&gateway).await;
}

#[tokio::test]
async fn slow_headers_end_the_connection() {
    let gateway = strict().await;
    let mut connection = RawConnection::open(gateway.addr()).await;
    connection
        .send("POST /v1/messages HTTP/1.1\r\nhost: gat")
        .await;
    let answer = connection.answer(PATIENCE).await;
    assert!(
        answer.status == 408 || answer.status == 0,
        "{}",
        answer.head
    );
    still_serves(&gateway).await;
}

#[tokio::test]
async fn a_truncated_body_leaves_no_row() {
    let gateway = Setup::new().start().await;
    let mut connection = RawConnection::open(gateway.addr()).await;
    connection.send(head(1000)).await;
    connection.send("{\"model\":\"ainfera-inference\"").await;
    connection.finish().await;
    let answer = connection.answer(PATIENCE).await;
    assert!(
        answer.status == 400 || answer.status == 0,
        "{}",
        answer.head
    );
    still_serves(&gateway).await;
    assert_eq!(
        gateway.records().outcomes().len(),
        1,
        "only the call that came whole"
    );
}

#[tokio::test]
async fn garbage_on_the_line_is_a_400_and_no_more() {
    let gateway = strict().await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"POST /v1/messages HTTP/9.9\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
    ] {
        let mut connection = RawConnection::open(gateway.addr()).await;
        connection.send(garbage).await;
        connection.finish().await;
        let answer = connection.answer(PATIENCE).await;
        assert!(
            answer.status == 0 || (400..500).contains(&answer.status),
            "{}",
            answer.head
        );
    }
    still_serves(&gateway).await;
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let gateway = strict().await;
    let mut connection = RawConnection::open(gateway.addr()).await;
    connection
        .send("GET /healthz HTTP/1.1\r\nhost: x\r\n")
        .await;
    for index in 0..20_000 {
        if !connection
            .send(format!("x-filler-{index}: {}\r\n", "y".repeat(100)))
            .await
        {
            break;
        }
    }
    let answer = connection.answer(PATIENCE).await;
    assert!(
        answer.status == 431 || answer.status == 0,
        "{}",
        answer.head
    );
    still_serves(&gateway).await;
}

#[tokio::test]
async fn an_oversized_body_is_refused_from_its_length_alone_and_by_counting() {
    let gateway = Setup::new().start().await;
    let mut connection = RawConnection::open(gateway.addr()).await;
    connection.send(head(32 * 1024 * 1024 + 1)).await;
    let answer = connection.answer(PATIENCE).await;
    assert_eq!(answer.status, 413, "{}", answer.head);
    let body = answer.json();
    assert_eq!(body["error"]["type"], "request_too_large");

    let mut chunked = RawConnection::open(gateway.addr()).await;
    let head = head(0).replace("content-length: 0", "transfer-encoding: chunked");
    chunked.send(head).await;
    let chunk = [&b"100000\r\n"[..], &vec![b' '; 1 << 20], b"\r\n"].concat();
    for _ in 0..33 {
        if !chunked.send(&chunk).await {
            break;
        }
    }
    let answer = chunked.answer(PATIENCE).await;
    assert!(
        answer.status == 413 || answer.status == 0,
        "{}",
        answer.head
    );
    still_serves(&gateway).await;
}

#[tokio::test]
async fn thirty_two_megabytes_exactly_are_taken() {
    let gateway = Setup::new().start().await;
    let mut body = ask("ainfera-inference", "hi").to_string();
    let padding = " ".repeat(32 * 1024 * 1024 - body.len());
    body.push_str(&padding);
    let answer = gateway.client().post_bytes("/v1/messages", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn nesting_without_end_does_not_kill_it() {
    let gateway = Setup::new().start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
        let body = format!(
            r#"{{"model":"ainfera-inference","max_tokens":5,"messages":[{{"role":"user","content":{deep}}}]}}"#
        );
        for dialect in Dialect::ALL {
            let body = body.clone();
            let answer = gateway.client().post_bytes(dialect.path(), body).await;
            assert!(
                answer.status == 400 || answer.status == 200,
                "{dialect:?}: {}",
                answer.status
            );
        }
    }
    still_serves(&gateway).await;
}

#[tokio::test]
async fn nesting_without_end_in_a_schema_does_not_kill_a_translation() {
    let world = World::shared().await;
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for lane in world.each() {
        for dialect in Dialect::ALL {
            let mut request = lane.ask();
            request["tools"] = json!([{"name": "f",
                "input_schema": {"type": "object", "default": "DEEP"}}]);
            let body = dialect.body(&request).to_string();
            let body = body.replace("\"DEEP\"", &deep);
            let answer = lane.client().post_bytes(dialect.path(), body).await;
            let known = [200, 400].contains(&answer.status);
            assert!(
                known,
                "{dialect:?} to {:?}: {}",
                lane.protocol, answer.status
            );
        }
    }
    still_serves(&world.gateway).await;
}

#[tokio::test]
async fn a_client_that_leaves_frees_the_provider_at_once() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    // While the provider is silent, while its stream hangs, and between its headers and first event.
    let headers_only = Behaviour::text("x")
        .with(|answer| answer.frames = Some(0))
        .ending(End::Hang);
    for behaviour in [
        Behaviour::silence(),
        Behaviour::text("one two").ending(End::Hang),
        headers_only,
    ] {
        for dialect in Dialect::ALL {
            for stream in [true, false] {
                let before = upstream.requests_for("up-m").len();
                upstream.script("up-m", behaviour.clone());
                let request = streamed(&ask("ainfera-inference", "hi"), stream);
                let body = dialect.body(&request).to_string();
                let mut connection = RawConnection::open(gateway.addr()).await;
                let head = head(body.len()).replace("/v1/messages", dialect.path());
                connection.send(head).await;
                connection.send(&body).await;
                upstream.wait_for("up-m", before + 1).await;
                drop(connection);
                upstream.wait_idle().await;
            }
        }
    }
    wait::until("every row to be closed", || {
        let rows = gateway.records().outcomes();
        rows.iter()
            .all(|row| row["outcome_status"] == "cancelled")
            .then_some(())
    })
    .await;
    assert_eq!(gateway.records().outcomes().len(), 18);
    gateway.client().with_key("").get("/healthz").await;
    assert!(!gateway.log().contains("panicked"));
}
