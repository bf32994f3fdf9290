//! Ways out before a provider is called: a record, and no money.

use ainfera_tests::client::{ask, ask_hint};
use ainfera_tests::gateway::{Catalog, Gateway, Offer, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use ainfera_tests::upstream::Upstream;
use serde_json::{Value, json};

use super::{PINNED, TARGET, balanced, call, left, one, setup};
use crate::distrust::{TRIGGER, set_base, with_component};

/// Makes the call, streamed and not, which must be refused with this status; what
/// each has left.
async fn refused(gateway: &Gateway, body: &Value, status: u16) -> [String; 3] {
    let mut all = Vec::new();
    for stream in [false, true] {
        let mut body = body.clone();
        body["stream"] = stream.into();
        let answer = gateway.client().messages(&body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        for header in ["x-ainfera-inference-id", "x-ainfera-receipt-id"] {
            assert_eq!(answer.header(header), None);
        }
        all.push(left(gateway, &answer.request_id()).await);
    }
    assert_eq!(all[0], all[1]);
    balanced(gateway);
    all.remove(0)
}

async fn set_agent(gateway: &Gateway, change: Value) {
    let admin = gateway.admin();
    let agent = admin.only_agent().await;
    admin.patch_ok(&format!("agents/{agent}"), &change).await;
}

#[tokio::test]
async fn an_inactive_agent() {
    let (upstream, gateway) = one().await;
    set_agent(&gateway, json!({"status": "suspended"})).await;
    let routed = refused(&gateway, &call(TARGET, false), 409).await;
    assert_eq!(
        routed,
        ["policy refused agent_not_active", "none", "routed"]
    );
    let pinned = refused(&gateway, &call(PINNED, false), 409).await;
    assert_eq!(
        pinned,
        ["direct refused agent_not_active", "none", "routed"]
    );
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_model_that_is_not_allowed() {
    let (upstream, gateway) = one().await;
    set_agent(&gateway, json!({"allowed_models": ["other"]})).await;
    let pinned = refused(&gateway, &call(PINNED, false), 403).await;
    assert_eq!(
        pinned,
        ["direct refused permission_error", "none", "routed"]
    );
    // A routed call has no candidate then.
    let routed = refused(&gateway, &call(TARGET, false), 422).await;
    assert_eq!(routed[0], "policy rejected_floor no_offers");
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn a_pinned_model_that_takes_no_tools() {
    let upstream = Upstream::start();
    let offer = Offer::new("m", "a", "up-m").without_tools();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .model("m", "0.60")
        .offer(offer);
    let gateway = Setup::new().catalog(&catalog).start().await;
    let mut body = ask(PINNED, "hi");
    body["tools"] = json!([{"name": "t", "input_schema": {"type": "object"}}]);
    let pinned = refused(&gateway, &body, 422).await;
    let record = "direct refused tools_not_supported_by_backend";
    assert_eq!(pinned, [record, "none", "routed"]);
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn no_candidate() {
    let (upstream, gateway) = one().await;
    for (hint, record) in [
        (
            json!({"min_quality": "0.61"}),
            "policy rejected_floor floor",
        ),
        (json!({"max_cost": "0"}), "policy rejected_floor cost"),
        (
            json!({"deny_providers": ["a"]}),
            "policy rejected_floor lists",
        ),
    ] {
        let routed = refused(&gateway, &ask_hint(TARGET, hint), 422).await;
        assert_eq!(routed, [record, "none", "routed"]);
    }
    let hint = json!({"deny_providers": ["a"]});
    let pinned = refused(&gateway, &ask_hint(PINNED, hint), 422).await;
    assert_eq!(pinned, ["direct refused no_candidate", "none", "routed"]);
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn policy_unavailable() {
    let gateway = with_component("preference-dial", "traps-off-grid").await;
    // The active set routes this name and faults; the last good one does not know it.
    let resolver = plugins::hostile("different-classification");
    let founder = Founder::new(7);
    founder.activate(&gateway, "alias-resolver", resolver).await;
    set_base(&gateway, TRIGGER).await;
    let body = ask_hint("team-default", json!({"routing_preference": "quality"}));
    let routed = refused(&gateway, &body, 503).await;
    let record = "policy refused policy_unavailable";
    assert_eq!(routed, [record, "none", "routed"]);
}

#[tokio::test]
async fn over_the_cap_of_a_call() {
    let (upstream, gateway) = one().await;
    set_agent(&gateway, json!({"call_cap_usd": "0.0000001"})).await;
    let routed = refused(&gateway, &call(TARGET, false), 402).await;
    assert_eq!(routed, ["policy refused cap_exceeded", "none", "routed"]);
    let pinned = refused(&gateway, &call(PINNED, false), 402).await;
    assert_eq!(pinned, ["direct refused cap_exceeded", "none", "routed"]);
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn over_the_cap_of_the_day() {
    let (upstream, gateway) = one().await;
    set_agent(&gateway, json!({"day_cap_usd": "0.0000001"})).await;
    let routed = refused(&gateway, &call(TARGET, false), 402).await;
    assert_eq!(routed, ["policy refused cap_exceeded", "none", "routed"]);
    let pinned = refused(&gateway, &call(PINNED, false), 402).await;
    assert_eq!(pinned, ["direct refused cap_exceeded", "none", "routed"]);
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn insufficient_funds() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream).start().await;
    let admin = gateway.admin();
    let tenants = admin.get_ok("tenants").await;
    let tenant = tenants["tenants"][0]["id"].as_str().expect("an id");
    let prepaid = json!({"credit_limit_usd": "0"});
    admin.patch_ok(&format!("tenants/{tenant}"), &prepaid).await;
    let routed = refused(&gateway, &call(TARGET, false), 402).await;
    let record = "policy refused insufficient_funds";
    assert_eq!(routed, [record, "none", "routed"]);
    let pinned = refused(&gateway, &call(PINNED, false), 402).await;
    let record = "direct refused insufficient_funds";
    assert_eq!(pinned, [record, "none", "routed"]);
    assert!(upstream.requests().is_empty());
}
