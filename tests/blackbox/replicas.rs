//! Two gateways on one PostgreSQL database: each follows what the other
//! changes, and neither touches the other's calls while that lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ainfera_tests::client::{ask, ask_hint};
use ainfera_tests::database::Database;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::sign::Founder;
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use ainfera_tests::{plugins, postgres, wait};
use serde_json::{Value, json};

/// Two gateways, the second started on what the first made.
async fn two() -> (Upstream, [Gateway; 2]) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let database = Database::create(postgres::shared());
    let setup = Setup::new()
        .catalog(&catalog)
        .database(&database)
        // A stream is held until a lease is over, which takes long on a busy machine.
        .timeouts(|timeouts| timeouts.idle = 120_000);
    let first = setup.clone().start().await;
    let second = setup.start().await;
    (upstream, [first, second])
}

/// A call whose stream the test holds.
fn streamed() -> Value {
    let mut body = ask("m", "hi");
    body["stream"] = true.into();
    body
}

/// Waits until `done` of the second gateway. Word of a change takes milliseconds, and
/// without word a gateway looks every two seconds.
async fn follows<T>(what: &str, done: impl AsyncFnMut() -> Option<T>) -> T {
    wait::until_answered(&format!("{what} to be followed"), done).await
}

#[tokio::test]
async fn keys_gates_catalogs_and_activations_reach_the_other_gateway() {
    let (_upstream, [first, second]) = two().await;
    let (admin, other) = (first.admin(), second.admin());

    let agent = admin.only_agent().await;
    let made = admin
        .created(&format!("agents/{agent}/keys"), &json!({}))
        .await;
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let id = made["id"].as_str().expect("an id");
    let client = second.client().with_key(&secret);
    follows("a new key", async || {
        let answer = client.messages(&ask("m", "hi")).await;
        (answer.status == 200).then_some(())
    })
    .await;
    admin.delete(&format!("keys/{id}")).await;
    follows("a revoked key", async || {
        let answer = client.messages(&ask("m", "hi")).await;
        (answer.status == 401).then_some(())
    })
    .await;

    let wish = json!({"name": "ci", "role": "author"});
    let made = admin.created("tokens", &wish).await;
    let token = made["secret"].as_str().expect("a secret");
    let holder = other.clone().with_token(token);
    follows("a new admin token", async || {
        (holder.get("policy").await.status == 200).then_some(())
    })
    .await;
    let id = made["id"].as_str().expect("an id");
    admin.delete(&format!("tokens/{id}")).await;
    follows("a revoked admin token", async || {
        (holder.get("policy").await.status == 401).then_some(())
    })
    .await;

    admin.gate(true).await;
    follows("a gate", async || {
        let gates = other.get_ok("gates").await.to_string();
        let body = ask_hint(
            "ainfera-inference",
            json!({"routing_preference": "quality"}),
        );
        let answer = second.client().messages(&body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let row = second.records().outcomes().pop().expect("a row");
        let live = row["gates"].as_str().is_some_and(|g| g.contains("true"));
        (live && gates.contains("true")).then_some(())
    })
    .await;

    let founder = Founder::new(5);
    founder.enrol(&admin).await;
    let digest = admin.upload_ok(plugins::hostile("gentle")).await;
    let change = admin.propose("preference-dial", &digest).await;
    founder.authorize(&admin, &change).await;
    let active = admin.generation().await;
    assert!(active > 1);
    let generation = active.to_string();
    follows("an activation", async || {
        let answer = second
            .client()
            .messages(&ask("ainfera-inference", "hi"))
            .await;
        (answer.header("x-ainfera-generation") == Some(&*generation)).then_some(())
    })
    .await;
    let back = admin.rollback(1).await.to_string();
    follows("a rollback", async || {
        let answer = second
            .client()
            .messages(&ask("ainfera-inference", "hi"))
            .await;
        (answer.header("x-ainfera-generation") == Some(&*back)).then_some(())
    })
    .await;

    admin
        .patch_ok("offers/m@a", &json!({"active": false}))
        .await;
    follows("a catalog", async || {
        let answer = second.client().messages(&ask("m", "hi")).await;
        (answer.status == 404).then_some(())
    })
    .await;
    for gateway in [&first, &second] {
        gateway.cli_ok(&["decisions", "verify"]).await;
    }
    // Each signs checkpoints by a key of its own.
    let mut keys = String::new();
    for gateway in [&first, &second] {
        let data = gateway.data_dir().display().to_string();
        keys += &gateway.cli_ok(&["audit", "key", "--data-dir", &data]).await;
    }
    let file = first.scratch().join("keys.pub");
    std::fs::write(&file, keys).expect("to write the keys");
    let file = file.display().to_string();
    first.cli_ok(&["audit", "verify", "--key", &file]).await;
}

#[tokio::test]
async fn of_64_callers_at_two_gateways_for_a_balance_that_pays_for_10_exactly_10_are_answered() {
    let (upstream, [first, second]) = two().await;
    let admin = first.admin();
    let tenants = admin.get_ok("tenants").await;
    let tenant = format!(
        "tenants/{}",
        tenants["tenants"][0]["id"].as_str().expect("an id")
    );
    admin
        .patch_ok(&tenant, &json!({"credit_limit_usd": "0"}))
        .await;
    // A call is held for 1 token at 1 USD and 100 at 5, for a million.
    let top_up = json!({"amount_usd": "0.00501", "reference": "first"});
    admin.created(&format!("{tenant}/top-ups"), &top_up).await;
    // Only once the limit is known there too can the money run out; the admin API would
    // read it from the database. Who knows a key knows what was changed before.
    let agent = admin.only_agent().await;
    let made = admin
        .created(&format!("agents/{agent}/keys"), &json!({}))
        .await;
    let later = second
        .client()
        .with_key(made["secret"].as_str().expect("a secret"));
    follows("a credit limit", async || {
        (later.get("/v1/models").await.status == 200).then_some(())
    })
    .await;
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("one two").gated(&gate));
    let refused = Arc::new(AtomicUsize::new(0));
    let calls: Vec<_> = (0..64)
        .map(|caller| {
            let client = [&first, &second][caller % 2].client();
            let refused = Arc::clone(&refused);
            tokio::spawn(async move {
                let answer = client.stream(&streamed()).await;
                if answer.status == 402 {
                    refused.fetch_add(1, Ordering::Relaxed);
                }
                answer.status
            })
        })
        .collect();
    wait::until("all others to be refused", || {
        (refused.load(Ordering::Relaxed) == 54).then_some(())
    })
    .await;
    upstream.wait_for("up-m", 10).await;
    gate.open();
    let mut answered = 0;
    for call in calls {
        answered += usize::from(call.await.expect("an answer") == 200);
    }
    assert_eq!(answered, 10);
    assert_eq!(upstream.requests_for("up-m").len(), 10);
    first.cli_ok(&["ledger", "verify"]).await;
}

#[tokio::test]
async fn a_dead_gateways_calls_are_closed_by_the_other_and_a_living_ones_are_not() {
    let (upstream, [first, second]) = two().await;
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("one two").gated(&gate));
    let (client, other) = (second.client(), first.client());
    let living = tokio::spawn(async move { client.stream(&streamed()).await });
    let dying = other.open_stream(&streamed()).await;
    upstream.wait_for("up-m", 2).await;
    first.kill();
    drop(dying);
    let ends = || -> Vec<Value> {
        let sql = "SELECT status FROM call_closed";
        let rows = second.database().query(sql);
        rows.into_iter().map(|row| row["status"].clone()).collect()
    };
    wait::until("the dead gateway's call to be closed", || {
        (ends() == [json!("abandoned")]).then_some(())
    })
    .await;
    gate.open();
    let answer = living.await.expect("no panic");
    assert_eq!(answer.status, 200);
    assert!(answer.message().error.is_none());
    let mut ends = ends();
    ends.sort_by_key(Value::to_string);
    assert_eq!(ends, [json!("abandoned"), json!("succeeded")]);
    second.cli_ok(&["ledger", "verify"]).await;
}

/// On an empty database: one tenant, one catalog, one first generation.
#[tokio::test]
async fn two_gateways_that_start_at_once_make_one_beginning() {
    let database = Database::create(postgres::shared());
    let setup = Setup::new().database(&database);
    let (first, second) = tokio::join!(setup.clone().start(), setup.start());
    for gateway in [&first, &second] {
        let (answer, _) = gateway
            .client()
            .messages_ok(&ask("ainfera-inference", "hi"))
            .await;
        assert_eq!(answer.header("x-ainfera-generation"), Some("1"));
    }
    let records = first.records();
    for (table, count) in [
        ("tenants", 1),
        ("agents", 1),
        ("api_keys", 1),
        ("generations", 1),
        ("catalog_versions", 1),
    ] {
        let found = records.number(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(found, count, "{table}");
    }
}
