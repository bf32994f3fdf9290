//! Records that survive anything: a gateway killed again and again under mixed
//! traffic, and what it has on record held against what the provider and the clients
//! saw. `tests/kill` does the same with more kills.

use ainfera_tests::gateway::Setup;
use ainfera_tests::kill::Run;
use ainfera_tests::postgres::Cluster;

const KILLS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    Run::of(KILLS).hold(Setup::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    Run::of(KILLS).hold(Setup::postgres()).await;
}

/// The server dies too: alone, so that the gateway lives through it, or with the
/// gateway.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_killed_too() {
    let server = tokio::task::spawn_blocking(Cluster::start);
    let server = server.await.expect("a server");
    Run::of(KILLS).hold_with(server).await;
}
