//! The rules of the resolver, and classification by the last good set.

use ainfera_tests::client::{Dialect, ask, ask_hint};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use serde_json::json;

use super::{TARGET, TRIGGER, assert_contained, set_base, with_component};

/// A resolver that breaks a rule for `name` is overruled by the last good set.
async fn resolver_breaks(component: &str, name: &str) {
    let gateway = with_component("alias-resolver", component).await;
    for stream in [false, true] {
        let mut body = ask(name, "hi");
        body["stream"] = stream.into();
        let answer = gateway.client().messages(&body).await;
        assert_contained(&gateway, &answer, "0.50");
        assert_eq!(
            gateway.records().outcome(&answer.request_id())["canonical"],
            TARGET
        );
    }
}

#[tokio::test]
async fn resolver_a_listed_alias_is_routed() {
    resolver_breaks("forgets-alias-off-grid", "ainfera-mithril").await;
}

#[tokio::test]
async fn resolver_an_alias_leads_to_a_target_in_one_step() {
    resolver_breaks("two-step-off-grid", "ainfera-mithril").await;
}

#[tokio::test]
async fn resolver_an_alias_is_no_target() {
    resolver_breaks("alias-as-target-off-grid", "ainfera-mithril").await;
}

#[tokio::test]
async fn resolver_a_target_resolves_to_itself() {
    resolver_breaks("target-elsewhere-off-grid", TARGET).await;
}

#[tokio::test]
async fn resolver_a_target_has_no_sunset() {
    resolver_breaks("target-sunset-off-grid", TARGET).await;
}

#[tokio::test]
async fn resolver_a_name_that_it_does_not_list_is_not_routed() {
    let gateway = with_component("alias-resolver", "routes-unlisted").await;
    let answer = gateway
        .client()
        .messages(&ask("ainfera-hidden", "hi"))
        .await;
    // Not listed is not routed, and the last good set does not know the name.
    answer.assert_error(404, "not_found_error", "not_found_error");
    let rows = gateway.records().outcomes_of(&answer.request_id());
    assert!(rows.is_empty(), "{rows:?}");
    let good = gateway.client().messages(&ask(TARGET, "hi")).await;
    assert_eq!(good.status, 200, "{}", good.text());
}

#[tokio::test]
async fn resolver_a_trap_on_a_name_that_nobody_knows_is_a_404_by_the_last_good_set() {
    let gateway = with_component("alias-resolver", "resolver-traps-off-grid").await;
    let answer = gateway.client().messages(&ask("odd-name", "hi")).await;
    answer.assert_error(404, "not_found_error", "not_found_error");
}

#[tokio::test]
async fn a_faulty_call_that_the_last_good_set_classifies_otherwise_is_a_503() {
    let gateway = with_component("preference-dial", "traps-off-grid").await;
    // Generation 3 routes `team-default`, still with the dial that traps: the
    // only good set is the first, which does not know the name.
    let founder = Founder::new(7);
    let component = plugins::hostile("different-classification");
    assert_eq!(
        founder
            .activate(&gateway, "alias-resolver", component)
            .await,
        3
    );
    set_base(&gateway, TRIGGER).await;
    let hint = json!({"routing_preference": "quality"});
    let request = ask_hint("team-default", hint);
    for dialect in Dialect::ALL {
        for answer in gateway.client().call_both(dialect, &request).await {
            answer.assert_error_in(dialect, 503, "api_error", "policy_unavailable");
            let row = gateway.records().outcome(&answer.request_id());
            assert_eq!(row["outcome_status"], "refused");
            assert_eq!(row["reason"], "policy_unavailable");
        }
    }
}
