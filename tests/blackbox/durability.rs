//! Records that outlast a kill, and a database that goes and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ainfera_tests::client::{Dialect, ask, check};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use ainfera_tests::wait;

const TARGET: &str = "ainfera-inference";

async fn one() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    (upstream, gateway)
}

#[tokio::test]
async fn row_503_records_unavailable_no_unrecorded_call_and_recovery_by_itself() {
    let (upstream, gateway) = one().await;
    let client = gateway.client();
    client.messages_ok(&ask(TARGET, "hi")).await;
    gateway.database().take_away();
    for model in [TARGET, "m"] {
        for dialect in Dialect::ALL {
            for answer in client.call_both(dialect, &ask(model, "hi")).await {
                answer.assert_error_in(dialect, 503, "api_error", "records_unavailable");
            }
        }
    }
    assert_eq!(upstream.requests().len(), 1, "no unrecorded call");
    gateway.database().put_back();
    let recovered = async {
        while client.messages(&ask(TARGET, "hi")).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    wait::within(wait::PATIENCE, "recovery", recovered).await;
    let rows = gateway.records().outcomes();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows.iter().all(|row| row["outcome_status"] == "succeeded"));
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_whose_end_can_not_be_recorded_has_no_clean_end_and_is_recorded_later() {
    let (upstream, gateway) = one().await;
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("one two").gated(&gate));
    let mut stream = gateway.client().open_stream(&ask(TARGET, "hi")).await;
    let id = stream.request_id();
    stream.next_named("message_start").await;
    gateway.database().take_away();
    gate.open();
    let streamed = stream.rest().await;
    assert!(check(&streamed.events).error.is_some());
    gateway.database().put_back();
    let row = wait::until("the close to be written", || {
        let row = gateway.records().outcome(&id);
        (row["outcome_status"] != "pending").then_some(row)
    })
    .await;
    assert_eq!(
        (&row["input_tokens"], &row["output_tokens"]),
        (&25.into(), &15.into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_that_a_client_or_a_provider_has_seen() {
    let (upstream, gateway) = one().await;
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|index| {
            let (client, stop) = (gateway.client(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut answered = Vec::new();
                let mut body = ask(TARGET, "hi").to_string();
                if index % 2 == 0 {
                    body = body.replacen('{', "{\"stream\":true,", 1);
                }
                while !stop.load(Ordering::Relaxed) {
                    let Some(answer) = client.try_post("/v1/messages", body.clone()).await else {
                        break;
                    };
                    if index % 2 == 1 || answer.text().contains("event: message_stop") {
                        answered.push(answer.request_id());
                    }
                }
                answered
            })
        })
        .collect();
    wait::until("some load", || {
        (upstream.requests().len() > 300).then_some(())
    })
    .await;
    gateway.kill();
    stop.store(true, Ordering::Relaxed);
    let mut answered = Vec::new();
    for caller in callers {
        answered.extend(caller.await.expect("no panic"));
    }
    let seen = upstream.requests().len();
    let gateway = gateway.restart().await;
    // At once, but where the next one has to wait for the end of the dead one's lease.
    let pending = "SELECT count(*) FROM routing_outcomes WHERE outcome_status = 'pending'";
    wait::until("the end of every call", || {
        (gateway.records().number(pending) == 0).then_some(())
    })
    .await;
    let rows = gateway.records().outcomes();
    assert!(rows.len() >= seen, "{} rows, {seen} calls", rows.len());
    assert!(answered.len() > 200, "{}", answered.len());
    for id in answered {
        let row = rows.iter().find(|row| row["request_id"] == id.as_str());
        let row = row.unwrap_or_else(|| panic!("no row of {id}"));
        assert_eq!(row["outcome_status"], "succeeded", "{id}");
    }
    for row in rows {
        let status = row["outcome_status"].as_str();
        assert!(matches!(status, Some("succeeded" | "abandoned")), "{row:?}");
    }
}
