//! A database that is locked, stopped, read-only or gone: calls are refused, no
//! provider is called, and it is over by itself when the database is back.

use std::time::Duration;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::postgres::Cluster;
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use ainfera_tests::wait;

async fn on(setup: Setup) -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let gateway = setup.catalog(&catalog).start().await;
    (upstream, gateway)
}

/// Calls before, during and after an outage, with a stream that begins before it
/// and ends in it.
async fn outage(setup: Setup, begin: impl FnOnce(&Gateway), end: impl FnOnce(&Gateway)) {
    let (upstream, gateway) = on(setup).await;
    let client = gateway.client();
    client.messages_ok(&ask("m", "hi")).await;
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("one two").gated(&gate));
    let mut stream = client.open_stream(&ask("m", "hi")).await;
    let held = stream.request_id();
    stream.next_named("message_start").await;
    begin(&gateway);
    for model in ["m", "ainfera-inference"] {
        let answer = client.messages(&ask(model, "hi")).await;
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert_eq!(answer.json()["error"]["code"], "records_unavailable");
    }
    assert_eq!(upstream.requests().len(), 2, "no unrecorded call");
    assert_eq!(gateway.client().get("/readyz").await.status, 503);
    gate.open();
    end(&gateway);
    let recovered = async {
        while client.messages(&ask("m", "hi")).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    wait::within(wait::PATIENCE, "recovery", recovered).await;
    // What ended in the meantime is recorded as it ended.
    stream.rest().await;
    wait::until("the held call to be closed", || {
        let row = &gateway.records().query(&format!(
            "SELECT status, output_tokens FROM inferences WHERE key = {}",
            ainfera_tests::records::key_of(&held)
        ))[0];
        (row["status"] == "succeeded" && row["output_tokens"] == 15).then_some(())
    })
    .await;
    for command in ["ledger", "audit"] {
        let mut args = vec![command, "verify"];
        let data = gateway.data_dir().display().to_string();
        if !gateway.database().is_postgres() {
            args.extend(["--data-dir", &data]);
        }
        gateway.cli_ok(&args).await;
    }
    // Of a call whose open was in doubt there may be a row: its caller was told
    // 503, no provider was called, and it is closed as that.
    let rows = gateway.records().number(
        "SELECT count(*) FROM call_closed WHERE reason IS DISTINCT FROM 'records_unavailable'",
    );
    let calls = upstream.requests().len();
    assert_eq!(
        rows,
        i64::try_from(calls).expect("few"),
        "a row for each call"
    );
    let pending = "SELECT count(*) FROM call_opened WHERE key NOT IN (SELECT key FROM call_closed)";
    assert_eq!(gateway.records().number(pending), 0);
}

#[tokio::test]
async fn a_file_that_another_process_locks() {
    let lock = std::cell::RefCell::new(None);
    outage(
        Setup::sqlite(),
        |gateway| {
            let file = gateway.data_dir().join("ainfera.db");
            let connection = rusqlite::Connection::open(file).expect("the database");
            connection
                .execute_batch("BEGIN IMMEDIATE")
                .expect("the lock");
            *lock.borrow_mut() = Some(connection);
        },
        |_| drop(lock.borrow_mut().take()),
    )
    .await;
}

async fn of_a_server(begin: impl FnOnce(&Cluster), end: impl FnOnce(&Cluster)) {
    let cluster = Cluster::start();
    let setup = Setup::new().database(&cluster.database());
    outage(setup, |_| begin(&cluster), |_| end(&cluster)).await;
}

#[tokio::test]
async fn a_server_that_was_killed() {
    of_a_server(Cluster::kill, Cluster::resume).await;
}

#[tokio::test]
async fn a_server_that_does_not_answer() {
    of_a_server(Cluster::freeze, Cluster::thaw).await;
}

#[tokio::test]
async fn a_server_that_only_reads() {
    of_a_server(
        |cluster| cluster.read_only(true),
        |cluster| cluster.read_only(false),
    )
    .await;
}
