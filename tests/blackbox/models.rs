//! `GET /v1/models`: what can be called, in the shape of the dialect that asks.

use ainfera_tests::client::Client;
use ainfera_tests::gateway::{Catalog, Gateway, Offer, Setup};
use ainfera_tests::upstream::Upstream;
use serde_json::{Value, json};

async fn gateway() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("plain", "a", "0.60", "1")
        .model("org/slashed-1.0", "0.70")
        .offer(Offer::new("org/slashed-1.0", "b", "up-slashed"))
        .model("dark", "0.60")
        .offer(Offer::new("dark", "a", "up-dark").dark());
    (upstream, Setup::new().catalog(&catalog).start().await)
}

/// A client of Anthropic's dialect: it names a version.
fn anthropic(gateway: &Gateway) -> Client {
    let client = gateway.client();
    client.with_header("anthropic-version", "2023-06-01")
}

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert!(answer.request_id().starts_with("req_"));
    answer.json()
}

fn ids(list: &Value) -> Vec<&str> {
    let models = list["data"].as_array().expect("a list");
    models
        .iter()
        .filter_map(|model| model["id"].as_str())
        .collect()
}

#[tokio::test]
async fn the_list_has_targets_and_slugs_in_the_shape_of_the_dialect_that_asks() {
    let (_upstream, gateway) = gateway().await;
    let known = ["ainfera-inference", "org/slashed-1.0", "plain"];
    let openai = get(&gateway.client(), "/v1/models").await;
    assert_eq!(openai["object"], "list");
    assert_eq!(ids(&openai), known, "no alias and nothing dark");
    for model in openai["data"].as_array().expect("models") {
        assert_eq!(model["object"], "model");
        assert!(
            model["created"]
                .as_i64()
                .is_some_and(|at| at > 1_500_000_000),
            "{model}"
        );
        assert!(model["owned_by"].is_string(), "{model}");
    }
    let theirs = get(&anthropic(&gateway), "/v1/models").await;
    assert_eq!(ids(&theirs), known);
    assert_eq!(theirs["has_more"], false);
    assert_eq!(theirs["first_id"], known[0]);
    assert_eq!(theirs["last_id"], known[2]);
    for model in theirs["data"].as_array().expect("models") {
        assert_eq!(model["type"], "model");
        assert!(model["display_name"].is_string(), "{model}");
        let created = model["created_at"].as_str().unwrap_or_default();
        created.parse::<jiff::Timestamp>().expect("RFC 3339");
    }
}

#[tokio::test]
async fn one_by_its_id_slashes_and_aliases_too() {
    let (_upstream, gateway) = gateway().await;
    for (asked, id) in [
        ("plain", "plain"),
        ("plain@a", "plain@a"),
        ("org/slashed-1.0", "org/slashed-1.0"),
        ("org%2Fslashed-1.0", "org/slashed-1.0"),
        ("ainfera-inference", "ainfera-inference"),
        ("ainfera-mithril", "ainfera-inference"),
        ("ainfera-auto", "ainfera-inference"),
        ("ainfera/auto", "ainfera-inference"),
        ("ainfera%2Fauto", "ainfera-inference"),
    ] {
        let path = format!("/v1/models/{asked}");
        let openai = get(&gateway.client(), &path).await;
        assert_eq!(openai["object"], "model", "{asked}");
        assert_eq!(openai["id"], id, "{asked}");
        let theirs = get(&anthropic(&gateway), &path).await;
        assert_eq!(theirs["type"], "model", "{asked}");
        assert_eq!(theirs["id"], id, "{asked}");
    }
}

#[tokio::test]
async fn what_can_not_be_called_is_a_404() {
    let (_upstream, gateway) = gateway().await;
    for asked in ["nope", "dark", "dark@a", "org", "org/", "plain@b"] {
        let path = format!("/v1/models/{asked}");
        let answer = anthropic(&gateway).get(&path).await;
        answer.assert_error(404, "not_found_error", "not_found_error");
    }
}

#[tokio::test]
async fn a_long_list_comes_in_pages_in_anthropics_dialect() {
    let (_upstream, gateway) = gateway().await;
    let client = anthropic(&gateway);
    let first = get(&client, "/v1/models?limit=2").await;
    assert_eq!(ids(&first), ["ainfera-inference", "org/slashed-1.0"]);
    assert_eq!(first["has_more"], true);
    let last = first["last_id"]
        .as_str()
        .expect("an id")
        .replace('/', "%2F");
    let second = get(&client, &format!("/v1/models?limit=2&after_id={last}")).await;
    assert_eq!(ids(&second), ["plain"]);
    assert_eq!(second["has_more"], false);
    let before = get(&client, "/v1/models?limit=1&before_id=plain").await;
    assert_eq!(ids(&before), ["org/slashed-1.0"]);
    let bad = client.get("/v1/models?limit=0").await;
    bad.assert_error(400, "invalid_request_error", "invalid_request_error");
}

#[tokio::test]
async fn an_agent_sees_only_what_it_may_call() {
    let (_upstream, gateway) = gateway().await;
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    let change = json!({"allowed_models": ["plain"]});
    admin.patch(&format!("agents/{agent}"), &change).await;
    let list = get(&gateway.client(), "/v1/models").await;
    assert_eq!(ids(&list), ["ainfera-inference", "plain"]);
}

#[tokio::test]
async fn it_leaves_no_record() {
    let (_upstream, gateway) = gateway().await;
    get(&gateway.client(), "/v1/models").await;
    get(&gateway.client(), "/v1/models/ainfera-auto").await;
    assert!(gateway.records().outcomes().is_empty());
}
