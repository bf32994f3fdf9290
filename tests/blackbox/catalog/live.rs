//! Each change is a new version, and the next call uses it without a restart.

use ainfera_tests::client::{Dialect, ask};
use ainfera_tests::gateway::{Catalog, Gateway, Offer, Setup};
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use serde_json::{Value, json};

/// `cheap` (0.60) and `dear` (0.90) of one provider, `night` dark.
async fn gateway() -> (Upstream, Gateway) {
    configured("").await
}

/// The same with these lines in its configuration.
async fn configured(config: &str) -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("cheap", "a", "0.60", "1")
        .single("dear", "a", "0.90", "9")
        .model("org/night", "0.70")
        .offer(Offer::new("org/night", "a", "up-night").price("0.5").dark());
    let setup = Setup::new().catalog(&catalog).config(config);
    (upstream, setup.start().await)
}

async fn routed(gateway: &Gateway) -> (String, i64) {
    let body = ask("ainfera-inference", "hi");
    let (answer, _) = gateway.client().messages_ok(&body).await;
    let row = gateway.records().outcome(&answer.request_id());
    let offer = answer.header("x-ainfera-model").expect("an offer");
    let version = row["catalog_version"].as_i64().expect("a version");
    (offer.to_owned(), version)
}

#[tokio::test]
async fn an_activated_offer_takes_the_next_call_and_a_darkened_one_no_more() {
    let (_upstream, gateway) = gateway().await;
    let (admin, pid) = (gateway.admin(), gateway.pid());
    assert_eq!(routed(&gateway).await, ("cheap@a".to_owned(), 1));
    let dark = gateway.client().messages(&ask("org/night", "hi")).await;
    dark.assert_error(404, "not_found_error", "not_found_error");

    let wish = json!({"active": true});
    let made = admin.patch_ok("offers/org/night@a", &wish).await;
    assert_eq!(
        (&made["version"], &made["changed"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(made["activated"], json!(["org/night@a"]));
    assert_eq!(made["without_key"], json!([]), "its key is there");
    assert_eq!(made["offer"]["active"], true);
    assert_eq!(routed(&gateway).await, ("org/night@a".to_owned(), 2));
    for dialect in Dialect::ALL {
        let client = gateway.client();
        client.hear(dialect, &ask("org/night", "hi"), true).await;
    }
    let listed = gateway.client().get("/v1/models").await.text();
    assert!(listed.contains("org/night"), "{listed}");

    // The same again changes nothing.
    let again = admin.patch_ok("offers/org/night@a", &wish).await;
    assert_eq!(
        (&again["version"], &again["changed"]),
        (&json!(2), &json!(false))
    );

    let wish = json!({"active": false});
    let made = admin.patch_ok("offers/org%2Fnight@a", &wish).await;
    assert_eq!(made["darkened"], json!(["org/night@a"]));
    assert_eq!(routed(&gateway).await, ("cheap@a".to_owned(), 3));
    let dark = gateway.client().messages(&ask("org/night@a", "hi")).await;
    dark.assert_error(404, "not_found_error", "not_found_error");

    let records = gateway.records();
    let expected = |version| json!({"actor": "admin", "offer": "org/night@a", "version": version});
    assert_eq!(records.audit("offer.activated"), [expected(2)]);
    assert_eq!(records.audit("offer.darkened"), [expected(3)]);
    let changes = records.audit("catalog.changed");
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["set"], json!({"active": true}));
    assert_eq!(gateway.pid(), pid, "no restart");
    // And it stays so.
    let gateway = gateway.restart().await;
    assert_eq!(routed(&gateway).await, ("cheap@a".to_owned(), 3));
}

#[tokio::test]
async fn prices_limits_and_measured_quality_count_from_the_next_call_on() {
    let (_upstream, gateway) = gateway().await;
    let admin = gateway.admin();
    let prices = json!({"input_usd_per_mtok": "0.10", "output_usd_per_mtok": "0.20"});
    admin.patch_ok("offers/dear@a", &prices).await;
    assert_eq!(routed(&gateway).await.0, "dear@a");
    let body = ask("dear", "hi");
    let (answer, _) = gateway.client().messages_ok(&body).await;
    let records = gateway.records();
    let row = &records.inferences_of(&answer.request_id())[0];
    assert_eq!(row["cost_nanousd"], 25 * 100 + 15 * 200);

    let made = admin
        .patch_ok("models/dear", &json!({"q_empirical": "0.40"}))
        .await;
    assert_eq!(made["model"]["q_empirical"], "0.40");
    assert_eq!(routed(&gateway).await.0, "cheap@a", "below the floor now");
    admin
        .patch_ok("models/dear", &json!({"q_empirical": null}))
        .await;
    assert_eq!(routed(&gateway).await.0, "dear@a");

    let small = json!({"context_tokens": 60, "max_output_tokens": 50, "default_output_tokens": 50});
    admin.patch_ok("offers/dear@a", &small).await;
    assert_eq!(
        routed(&gateway).await.0,
        "cheap@a",
        "100 tokens are too many"
    );
}

#[tokio::test]
async fn a_stream_goes_on_with_the_version_that_it_began_with() {
    let (upstream, gateway) = gateway().await;
    let gate = Gate::new();
    upstream.script("up-cheap", Behaviour::text("slow words").gated(&gate));
    gate.release(3);
    let stream = gateway.client().open_stream(&ask("cheap", "hi")).await;
    let made = gateway
        .admin()
        .patch_ok(
            "offers/cheap@a",
            &json!({"active": false, "input_usd_per_mtok": "900"}),
        )
        .await;
    assert_eq!(made["darkened"], json!(["cheap@a"]));
    gate.open();
    let streamed = stream.rest().await;
    assert_eq!(streamed.message().stop_reason.as_deref(), Some("end_turn"));
    let id = streamed.request_id();
    let row = &gateway.records().inferences_of(&id)[0];
    assert_eq!(row["status"], "succeeded");
    assert_eq!(row["cost_nanousd"], 25 * 1_000 + 15 * 5_000, "at its price");
}

#[tokio::test]
async fn a_whole_catalog_replaces_the_version_that_was_read() {
    let (upstream, gateway) = gateway().await;
    let admin = gateway.admin();
    let answer = admin.get("catalog").await;
    assert_eq!(answer.header("etag"), Some("\"1\""));
    let mut shown: Value = answer.json();
    assert_eq!(
        (&shown["version"], &shown["in_force"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(shown["actor"], "first-start");
    shown["catalog"]["offers"][0]["input_usd_per_mtok"] = "3.250".into();
    let body = shown["catalog"].to_string();
    let made = admin
        .put_catalog("\"1\"", "application/json", body.clone())
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.json()["version"], 2);
    let again = admin.get_ok("catalog").await;
    assert_eq!(again["catalog"], shown["catalog"], "scale kept");
    let old = admin.get_ok("catalog?version=1").await;
    assert_eq!(old["catalog"]["offers"][0]["input_usd_per_mtok"], "1");
    assert_eq!((&old["version"], &old["in_force"]), (&json!(1), &json!(2)));

    let stale = admin.put_catalog("1", "application/json", body).await;
    assert_eq!(stale.status, 412, "{}", stale.text());
    assert_eq!(stale.json()["error"]["code"], "stale");

    // TOML, a venue that was not there, and the old offers gone.
    let toml = Catalog::new()
        .openai("b", &upstream.openai_url())
        .single("new", "b", "0.60", "1");
    let made = admin
        .put_catalog("2", "application/toml", toml.text())
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    assert_eq!(made["activated"], json!(["new@b"]));
    assert_eq!(made["darkened"], json!(["cheap@a", "dear@a"]));
    assert_eq!(routed(&gateway).await, ("new@b".to_owned(), 3));
    assert_eq!(gateway.records().audit("catalog.imported").len(), 3);
    assert_eq!(gateway.records().audit("offer.darkened").len(), 2);
}

#[tokio::test]
async fn a_key_that_is_missing_is_said() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let shown = admin.get_ok("catalog").await;
    assert_eq!(shown["without_key"], json!([]), "dark offers need none");
    let offers = shown["catalog"]["offers"].as_array().expect("offers");
    let dark = offers
        .iter()
        .find(|offer| offer["provider"] == "anthropic")
        .expect("one");
    let id = format!("{}@anthropic", dark["model"].as_str().expect("a slug"));
    let made = admin
        .patch_ok(&format!("offers/{id}"), &json!({"active": true}))
        .await;
    let missing = json!([{"offer": id, "key_env": "ANTHROPIC_API_KEY"}]);
    assert_eq!(made["without_key"], missing);
    assert_eq!(admin.get_ok("catalog").await["without_key"], missing);
    let answer = gateway.client().messages(&ask(&id, "hi")).await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert!(
        answer.text().contains("ANTHROPIC_API_KEY"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_breaker_stays_open_across_versions() {
    // For longer than the test, however slow.
    let open = "\n[breaker]\nopen_ms = 600000\nmax_open_ms = 600000\n";
    let (upstream, gateway) = configured(open).await;
    upstream.script("up-cheap", Behaviour::status(500, "api_error", "boom"));
    for _ in 0..5 {
        assert_eq!(routed(&gateway).await.0, "dear@a");
    }
    gateway
        .admin()
        .patch_ok("models/dear", &json!({"q_empirical": "0.95"}))
        .await;
    let before = upstream.requests_for("up-cheap").len();
    assert_eq!(routed(&gateway).await, ("dear@a".to_owned(), 2));
    assert_eq!(upstream.requests_for("up-cheap").len(), before, "skipped");
}

#[tokio::test]
async fn no_call_fails_while_the_catalog_changes() {
    let (_upstream, gateway) = gateway().await;
    let client = gateway.client();
    let calls = tokio::spawn(async move {
        for _ in 0..100 {
            client.messages_ok(&ask("ainfera-inference", "hi")).await;
        }
    });
    let admin = gateway.admin();
    for round in 0..20 {
        let active = json!({"active": round % 2 == 0});
        admin.patch_ok("offers/org/night@a", &active).await;
    }
    calls.await.expect("every call to succeed");
    assert_eq!(admin.get_ok("catalog").await["version"], 21);
    // Each row names a version that gives its choice calls.
    for row in gateway.records().outcomes() {
        let version = row["catalog_version"].as_i64().expect("a version");
        let night = row["choice"] == "org/night@a";
        assert_eq!(night, version % 2 == 0, "{row:?}");
    }
}
