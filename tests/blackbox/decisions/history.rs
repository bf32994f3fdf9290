//! Whatever has happened, everything on record comes out the same again.

use ainfera_tests::client::{Dialect, ask_hint, streamed};
use ainfera_tests::gateway::{Gateway, Offer, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};

use super::{TARGET, catalog, report, set_agent, verified};

const ROUNDS: usize = 24;
const BASES: [&str; 6] = [
    "0.50",
    "0.40",
    "0.90",
    "0.7",
    "0.123456789012345678",
    "0.00",
];
const NAMES: [&str; 4] = [TARGET, "ainfera-mithril", "ainfera-auto", "ainfera/auto"];

/// Hints of every kind, those that leave nothing included.
fn hints() -> Vec<Value> {
    let (long, longer) = ("q".repeat(65), "ä".repeat(200));
    vec![
        Value::Null,
        json!({}),
        json!({"routing_preference": "quality"}),
        json!({"routing_preference": "cost"}),
        json!({"routing_preference": "balanced"}),
        json!({"routing_preference": "Quality "}),
        json!({"routing_preference": long}),
        json!({"routing_preference": longer, "task_type": "a \"b\"\n"}),
        json!({"min_quality": "0.850"}),
        json!({"min_quality": 0.6, "routing_preference": "cost"}),
        json!({"min_quality": "good"}),
        json!({"min_quality": "frontier"}),
        json!({"min_quality": "1.00"}),
        json!({"min_quality": 1e-3}),
        json!({"max_cost": "0.0000000001"}),
        json!({"max_cost": 0.002, "routing_preference": "quality"}),
        json!({"max_cost": "79228162514264337593543950335"}),
        json!({"allow_providers": ["other"]}),
        json!({"allow_providers": ["nobody", "a\"b\n"]}),
        json!({"allow_providers": []}),
        json!({"deny_providers": ["sim"], "routing_preference": "quality"}),
        json!({"deny_providers": ["sim", "other"]}),
    ]
}

/// The request of a hint: every few need tools, images, or too much.
fn request(index: usize, hint: Value) -> Value {
    let mut request = ask_hint(NAMES[index % NAMES.len()], hint);
    match index % 9 {
        3 => {
            request["tools"] =
                json!([{"name": "t", "description": "d", "input_schema": {"type": "object"}}]);
        }
        5 => {
            request["messages"][0]["content"] = json!([
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                {"type": "text", "text": "what is it? ".repeat(index)},
            ]);
        }
        7 => request["max_tokens"] = json!(8_193),
        _ => {}
    }
    streamed(&request, index.is_multiple_of(2))
}

async fn calls(gateway: &Gateway, round: usize) {
    let client = gateway.client();
    for (index, hint) in hints().into_iter().enumerate() {
        let index = index + round;
        let dialect = Dialect::ALL[index % 3];
        let answer = client.call(dialect, &request(index, hint)).await;
        assert!(matches!(answer.status, 200 | 422), "{}", answer.text());
    }
    client.messages(&ask_hint("mid", Value::Null)).await;
}

/// Swaps, gates and bases change while calls are made.
async fn rounds(gateway: &Gateway, generations: [i64; 2]) {
    let admin = gateway.admin();
    for round in 0..ROUNDS {
        let changes = async {
            admin.rollback(generations[round % 2]).await;
            admin.gate(round % 3 != 0).await;
            set_agent(
                gateway,
                json!({"default_floor": BASES[round % BASES.len()]}),
            )
            .await;
        };
        tokio::join!(changes, calls(gateway, round));
    }
}

async fn import(gateway: &Gateway, text: &str) {
    std::fs::write(gateway.scratch().join("next.toml"), text).expect("to write the catalog");
    gateway.cli_ok(&["catalog", "import", "next.toml"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_out_the_same_after_swaps_gates_catalogs_and_faults() {
    let gateway = Setup::new().live().catalog(&catalog()).start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    let dial = "preference-dial";
    let steep = plugins::dist("preference-dial-steep");
    assert_eq!(founder.activate(&gateway, dial, steep).await, 2);
    rounds(&gateway, [1, 2]).await;

    // Another catalog, in which other offers are the cheapest.
    let next = catalog()
        .single("mid2", "sim", "0.60", "1")
        .model("dark", "0.90")
        .offer(Offer::new("dark", "other", "up-dark").price("0.1").dark())
        .text();
    import(&gateway, &next).await;
    let gateway = gateway.restart().await;
    rounds(&gateway, [1, 2]).await;
    verified(&gateway, &[]).await;

    // An agent that is not active, one that may use little.
    set_agent(&gateway, json!({"status": "suspended"})).await;
    let client = gateway.client();
    let refused = client.messages(&ask_hint(TARGET, Value::Null)).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let little = json!({"status": "active", "allowed_models": ["high", "mid@other"]});
    set_agent(&gateway, little).await;
    calls(&gateway, 0).await;
    set_agent(&gateway, json!({"allowed_models": ["dark"]})).await;
    calls(&gateway, 1).await;

    // A dial that faults, decided by the last good set; then nobody to decide.
    let traps = plugins::hostile("traps-off-grid");
    let faulty = founder.activate(&gateway, dial, traps).await;
    let base = json!({"default_floor": "0.7331", "allowed_models": null});
    set_agent(&gateway, base).await;
    gateway.admin().gate(true).await;
    let quality = || json!({"routing_preference": "quality"});
    let contained = super::call(&gateway, TARGET, quality()).await;
    let row = gateway.records().outcome(&contained);
    assert_eq!(row["faulted_generation"], faulty, "{row:?}");
    assert_ne!(row["decided_by"], faulty, "{row:?}");
    let other = plugins::hostile("different-classification");
    founder.activate(&gateway, "alias-resolver", other).await;
    let unavailable = super::call(&gateway, "team-default", quality()).await;
    let row = gateway.records().outcome(&unavailable);
    assert_eq!(row["reason"], "policy_unavailable", "{row:?}");

    let records = gateway.records();
    let count = |sql: &str| records.number(&format!("SELECT count(*) FROM {sql}"));
    let routed = count("routing_outcomes");
    assert!(routed > 1_000, "{routed}");
    for reason in ["no_offers", "lists", "capability", "floor", "cost"] {
        let rows = count(&format!(
            "routing_outcomes WHERE reject_reason = '{reason}'"
        ));
        assert!(rows > 0, "no row was rejected for {reason}");
    }
    let (report, agreed) = report(&gateway, &[]).await;
    assert!(agreed, "{report}");
    assert_eq!(report["agreed"], routed, "{report}");
    assert_eq!(
        report["pinned"],
        count("call_opened WHERE router = 'direct'")
    );
    assert_eq!(report["catalog_versions"], 2);
    assert_eq!(
        report["policy_sets"], 3,
        "the faulty set decided nothing but a name: {report}"
    );
    // The same of a gateway that was killed.
    gateway.kill();
    assert_eq!(verified(&gateway, &[]).await, routed);
}
