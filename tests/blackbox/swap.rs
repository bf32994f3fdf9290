//! Two hundred swaps back and forth under steady load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ainfera_tests::client::{Client, ask_hint};
use ainfera_tests::gateway::{Catalog, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use ainfera_tests::wait;
use serde_json::json;

const SWAPS: usize = 200;
const CLIENTS: usize = 4;
const STEADY: Duration = Duration::from_secs(3);

/// Calls in a loop until told to stop, and counts; how long each took.
async fn load(client: Client, stop: Arc<AtomicBool>, calls: Arc<AtomicUsize>) -> Vec<Duration> {
    let body = ask_hint(
        "ainfera-inference",
        json!({"routing_preference": "quality"}),
    );
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        let answer = client.messages(&body).await;
        assert_eq!(answer.status, 200, "a request failed: {}", answer.text());
        times.push(start.elapsed());
        calls.fetch_add(1, Ordering::Relaxed);
    }
    times
}

async fn under_load<T>(
    client: &Client,
    calls: &Arc<AtomicUsize>,
    work: impl Future<Output = T>,
) -> (Vec<Duration>, T) {
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(load(client.clone(), Arc::clone(&stop), Arc::clone(calls))))
        .collect();
    let done = work.await;
    stop.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.expect("no failed request"));
    }
    times.sort_unstable();
    (times, done)
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    times[(times.len() - 1) * percent / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_swaps_under_load_fail_no_request() {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    let gateway = Setup::new().live().catalog(&catalog).start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    founder
        .activate(
            &gateway,
            "preference-dial",
            plugins::dist("preference-dial-steep"),
        )
        .await;
    let client = gateway.client();
    let admin = gateway.admin();

    let calls = Arc::new(AtomicUsize::new(0));
    let (steady, ()) = under_load(&client, &calls, tokio::time::sleep(STEADY)).await;
    let (swapped, ()) = under_load(&client, &calls, async {
        for swap in 0..SWAPS {
            // Generations 1 and 2 have the two dials; each rollback is a new one.
            let to = 1 + (swap % 2);
            admin.rollback(i64::try_from(to).expect("small")).await;
            if swap % 8 == 0 {
                // One more than were under way: it began after the swap.
                let before = calls.load(Ordering::Relaxed);
                wait::until("a call of this generation", || {
                    (calls.load(Ordering::Relaxed) > before + CLIENTS).then_some(())
                })
                .await;
            }
        }
    })
    .await;

    let records = gateway.records();
    assert_eq!(
        records.number("SELECT max(generation) FROM generations"),
        2 + 200
    );
    let disagreeing = records.query(
        "SELECT r.request_id, r.generation, r.floor FROM routing_outcomes r
         JOIN generations g ON g.generation = r.generation
         JOIN generations first ON first.generation = 1
         WHERE r.floor IS DISTINCT FROM CASE WHEN g.preference_dial = first.preference_dial THEN '0.60' ELSE '0.70' END
            OR r.decided_by IS DISTINCT FROM r.generation OR r.faulted_generation IS NOT NULL
            OR r.outcome_status IS DISTINCT FROM 'succeeded'",
    );
    assert!(
        disagreeing.is_empty(),
        "floor and generation disagree: {disagreeing:?}"
    );
    let rows = records.number("SELECT count(*) FROM routing_outcomes");
    assert_eq!(
        rows,
        i64::try_from(steady.len() + swapped.len()).expect("small")
    );
    // Each decides the same again by the set that decided it.
    let said = gateway.cli_ok(&["decisions", "verify"]).await;
    let all = format!("{rows} of {rows} decisions came out the same");
    assert!(said.starts_with(&all), "{said}");
    let seen = records.number("SELECT count(DISTINCT generation) FROM routing_outcomes");
    assert!(seen > 20, "only {seen} generations saw a request");
    println!(
        "{} calls steady: p50 {:?}, p99 {:?}; {} calls during {SWAPS} swaps: p50 {:?}, p99 {:?}; {seen} generations seen",
        steady.len(),
        percentile(&steady, 50),
        percentile(&steady, 99),
        swapped.len(),
        percentile(&swapped, 50),
        percentile(&swapped, 99),
    );
}
