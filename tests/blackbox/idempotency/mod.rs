//! `Idempotency-Key`: one call and one answer, however often it is asked for.

mod apart;
mod conflicts;
mod durable;
mod left;
mod replay;
mod settings;

use std::collections::BTreeMap;

use ainfera_tests::client::{Answer, Client, Dialect, ask, streamed};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::upstream::Upstream;
use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

const TARGET: &str = "ainfera-inference";
const HEADER: &str = "idempotency-key";

/// A model at a provider of each protocol: `m` is where routed calls go.
fn setup(upstream: &Upstream) -> Setup {
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("m", "a", "0.60", "1")
        .single("n", "b", "0.60", "2");
    Setup::new().catalog(&catalog)
}

async fn start() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let gateway = setup(&upstream).start().await;
    (upstream, gateway)
}

/// A client whose calls all have this key.
fn keyed(gateway: &Gateway, key: &str) -> Client {
    gateway.client().with_header(HEADER, key)
}

/// A call in `dialect`: where it goes and its bytes.
fn call(dialect: Dialect, model: &str, text: &str, stream: bool) -> (&'static str, Bytes) {
    let body = dialect.body(&streamed(&ask(model, text), stream));
    (dialect.path(), body.to_string().into())
}

/// A routed Messages call.
fn message(text: &str, stream: bool) -> Bytes {
    call(Dialect::Anthropic, TARGET, text, stream).1
}

fn replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed").is_some()
}

/// An answer's headers, but for those of the connection and the clock.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let told = headers.iter().map(|(name, value)| {
        let value = value.to_str().expect("a header of text");
        (name.to_string(), value.to_owned())
    });
    let mut told: BTreeMap<_, _> = told.collect();
    for name in ["date", "content-length", "transfer-encoding"] {
        told.remove(name);
    }
    told
}

/// Asserts that `again` is `first`, said again.
#[track_caller]
fn assert_replays(first: &Answer, again: &Answer) {
    assert_eq!((first.status, again.status), (200, 200), "{}", again.text());
    assert_eq!(first.body, again.body, "{}", again.text());
    let mut expected = headers(&first.headers);
    expected.insert("idempotency-replayed".into(), "true".into());
    if let Some(mode) = expected.get_mut("x-ainfera-stream-mode") {
        "replayed".clone_into(mode);
    }
    assert_eq!(headers(&again.headers), expected);
}

/// All that the gateway has of calls: what a replay must not change.
fn books(gateway: &Gateway) -> Value {
    let records = gateway.records();
    let count = |table| records.number(&format!("SELECT count(*) FROM {table}"));
    json!({
        "opened": count("call_opened"),
        "closed": count("call_closed"),
        "audit": count("audit_events"),
        "accounts": records.query("SELECT * FROM ledger_accounts ORDER BY tenant"),
        "days": records.query("SELECT * FROM ledger_days ORDER BY agent, day"),
    })
}

/// The rows under keys, and how many of them have an answer.
fn kept(gateway: &Gateway) -> (i64, i64) {
    let records = gateway.records();
    let all = records.number("SELECT count(*) FROM idempotency_keys");
    let answers = "SELECT count(*) FROM idempotency_keys WHERE answer IS NOT NULL";
    (all, records.number(answers))
}

/// Calls until the answer is none of a call in flight.
async fn settled(client: &Client, path: &str, body: &Bytes) -> Answer {
    let asking = async {
        loop {
            let answer = client.post_bytes(path, body.clone()).await;
            if answer.status != 409 {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    ainfera_tests::wait::within(ainfera_tests::wait::PATIENCE, "the first answer", asking).await
}
