//! Traffic at a steady pace, and how long its calls take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ainfera_tests::client::{Client, ask_hint};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

/// Connections that share the pace.
const CLIENTS: u32 = 4;

/// A routed call.
pub fn call() -> Value {
    let hint = json!({"routing_preference": "quality"});
    ask_hint("ainfera-inference", hint)
}

/// Does `work` beside `rate` calls a second; its answer, and the calls' times.
///
/// A call that should have begun earlier is timed from when it should have, so
/// that a gateway that stands still is seen by all whom it keeps waiting.
pub async fn beside<T>(
    client: &Client,
    rate: u32,
    work: impl Future<Output = T>,
) -> (T, Vec<Duration>) {
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (client, stop) = (client.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut pace = interval(Duration::from_secs(1) * CLIENTS / rate.max(1));
                pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
                let (body, mut times) = (call(), Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    let due = pace.tick().await.into_std();
                    let answer = client.messages(&body).await;
                    assert_eq!(answer.status, 200, "a call failed: {}", answer.text());
                    times.push(Instant::now().saturating_duration_since(due));
                }
                times
            })
        })
        .collect();
    let done = work.await;
    stop.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.expect("traffic that never fails"));
    }
    (done, times)
}

/// So many calls, as fast as the gateway takes them.
pub async fn record(client: &Client, calls: usize) {
    const AT_ONCE: usize = 32;
    let clients: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let body = call();
                for _ in 0..calls.div_ceil(AT_ONCE) {
                    client.messages_ok(&body).await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("calls that never fail");
    }
}
