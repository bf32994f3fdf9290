//! A record that was changed is named, with the field that does not come out.

use ainfera_tests::gateway::{Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::records::key_of;
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};

use super::{TARGET, call, catalog, report, verified};

/// A gateway that was stopped, and two of its calls: one answered with the floor
/// 0.60, one that no offer was good enough for.
async fn stopped() -> (Gateway, String, String) {
    // No offer costs nothing: the best is out of reach of the second call.
    let gateway = Setup::new().live().catalog(&catalog()).start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    let quality = json!({"routing_preference": "quality"});
    let answered = call(&gateway, "ainfera-auto", quality).await;
    let cap = json!({"min_quality": "0.99", "max_cost": "0.000001"});
    let rejected = call(&gateway, TARGET, cap).await;
    let steep = plugins::dist("preference-dial-steep");
    founder.activate(&gateway, "preference-dial", steep).await;
    gateway.kill();
    assert_eq!(verified(&gateway, &[]).await, 2);
    (gateway, answered, rejected)
}

fn set(gateway: &Gateway, table: &str, column: &str, value: &str, key: i64) {
    let sql = format!("UPDATE {table} SET {column} = {value} WHERE key = {key}");
    assert_eq!(gateway.database().execute(&sql), 1, "{sql}");
}

fn fields(report: &Value, request_id: &str) -> Vec<String> {
    let differences = report["differences"].as_array().expect("a list");
    let of_the_call = differences.iter().map(|difference| {
        assert_eq!(difference["request_id"], request_id, "{report}");
        difference["field"].as_str().expect("a field").to_owned()
    });
    of_the_call.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_field_of_any_kind_is_named() {
    let (gateway, answered, rejected) = stopped().await;
    // What is put back, with its type.
    for table in ["call_opened", "call_closed"] {
        let keep = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table};");
        gateway.database().batch(&keep);
    }
    let nothing = gateway.database().bytes(&"00".repeat(32));
    for (request, table, column, value, named) in [
        (&answered, "call_opened", "floor", "'0.50'", "floor"),
        (&answered, "call_opened", "floor", "NULL", "floor"),
        (&answered, "call_opened", "floor", "'0.6'", "floor"),
        (&answered, "call_opened", "dialled", "'0.61'", "dialled"),
        (&answered, "call_opened", "choice", "'low@sim'", "choice"),
        (&answered, "call_opened", "choice", "NULL", "choice"),
        (&answered, "call_opened", "candidates", "'[]'", "candidates"),
        (
            &answered,
            "call_opened",
            "candidates",
            "replace(candidates, '0.85', '0.86')",
            "candidates",
        ),
        (&answered, "call_opened", "candidates", "NULL", "candidates"),
        (
            &answered,
            "call_opened",
            "canonical",
            "'ainfera-other'",
            "canonical",
        ),
        (&answered, "call_opened", "alias", "(1 = 0)", "alias"),
        (
            &answered,
            "call_opened",
            "ruleset_hash",
            &nothing,
            "ruleset_hash",
        ),
        (
            &answered,
            "call_opened",
            "gates",
            "'{\"routing_preference_live\":false}'",
            "floor",
        ),
        (&answered, "call_opened", "gates", "'{'", "gates"),
        (&answered, "call_opened", "preference", "'cost'", "floor"),
        (&answered, "call_opened", "base_floor", "'0.51'", "floor"),
        (
            &answered,
            "call_opened",
            "base_floor",
            "'half'",
            "base_floor",
        ),
        (&answered, "call_opened", "base_floor", "NULL", "base_floor"),
        (&answered, "call_opened", "min_quality", "'0.6000'", "floor"),
        (
            &answered,
            "call_opened",
            "resolver_date",
            "'today'",
            "resolver_date",
        ),
        (&answered, "call_opened", "requested", "'mid'", "requested"),
        (
            &answered,
            "call_opened",
            "requested",
            "'nobody'",
            "canonical",
        ),
        (&answered, "call_opened", "decided_by", "2", "decided_by"),
        (
            &answered,
            "call_opened",
            "faulted_generation",
            "2",
            "faulted_generation",
        ),
        (
            &answered,
            "call_opened",
            "eligibility_mask",
            "'000000000000001f'",
            "eligibility_mask",
        ),
        (
            &answered,
            "call_opened",
            "eligibility_mask",
            "'0000000000000001'",
            "candidates",
        ),
        (
            &answered,
            "call_opened",
            "text_bytes",
            "text_bytes + 40000",
            "candidates",
        ),
        (
            &answered,
            "call_opened",
            "deny_providers",
            "'[\"other\"]'",
            "candidates",
        ),
        (
            &answered,
            "call_closed",
            "status",
            "'rejected_floor'",
            "outcome_status",
        ),
        (&answered, "call_closed", "offer", "'low@sim'", "offer"),
        (
            &rejected,
            "call_closed",
            "reason",
            "'floor'",
            "reject_reason",
        ),
        (
            &rejected,
            "call_closed",
            "nearest_miss",
            "NULL",
            "nearest_miss",
        ),
        (
            &rejected,
            "call_closed",
            "status",
            "'refused'",
            "outcome_status",
        ),
        (
            &rejected,
            "call_opened",
            "max_cost",
            "NULL",
            "outcome_status",
        ),
        (&rejected, "call_opened", "choice", "'top@sim'", "choice"),
    ] {
        let key = key_of(request);
        set(&gateway, table, column, value, key);
        let what = format!("{column} = {value}");
        let (report, agreed) = report(&gateway, &[]).await;
        assert!(!agreed, "{what}: {report}");
        assert_eq!(
            (&report["differed"], &report["agreed"]),
            (&json!(1), &json!(1))
        );
        let fields = fields(&report, request);
        assert!(fields.contains(&named.to_owned()), "{what}: {report}");
        let was = format!("(SELECT {column} FROM kept_{table} WHERE key = {key})");
        set(&gateway, table, column, &was, key);
    }
    assert_eq!(verified(&gateway, &[]).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_recorded_and_what_is_decided_are_both_said() {
    let (gateway, answered, _) = stopped().await;
    set(
        &gateway,
        "call_opened",
        "floor",
        "'0.50'",
        key_of(&answered),
    );
    let (report, _) = report(&gateway, &[]).await;
    let expected =
        json!([{"request_id": answered, "field": "floor", "recorded": "0.50", "decided": "0.60"}]);
    assert_eq!(report["differences"], expected);
    let output = gateway.cli(&["decisions", "verify"]).await;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = format!("differs: {answered} floor: recorded 0.50, decided 0.60");
    assert!(said.lines().any(|said| said == line), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_or_catalog_that_is_missing_or_changed_is_named() {
    let (gateway, answered, _) = stopped().await;
    let digest = &gateway.records().outcome(&answered)["preference_dial"];
    let digest = digest.as_str().expect("a digest").to_owned();
    let zeros = gateway.database().bytes(&"00".repeat(9));
    for (break_it, what, id, why) in [
        (
            "UPDATE catalog_versions SET body = replace(body, '\"0.85\"', '\"0.86\"')",
            "catalog version",
            "1",
            "changed",
        ),
        (
            "DELETE FROM catalog_versions",
            "catalog version",
            "1",
            "does not have it",
        ),
        (
            &format!("UPDATE components SET bytes = {zeros} WHERE digest = '{digest}'"),
            "component",
            &digest,
            "changed",
        ),
        (
            &format!("DELETE FROM components WHERE digest = '{digest}'"),
            "component",
            &digest,
            "does not have it",
        ),
        (
            "DELETE FROM generations WHERE generation = 1",
            "generation",
            "1",
            "does not have it",
        ),
    ] {
        assert_eq!(gateway.database().execute(break_it), 1, "{break_it}");
        let (report, agreed) = report(&gateway, &[]).await;
        assert!(!agreed);
        assert_eq!(report["undecided"], 2, "{report}");
        let missing = &report["missing"][0];
        assert_eq!(
            (&missing["what"], &missing["id"]),
            (&json!(what), &json!(id)),
            "{report}"
        );
        assert!(
            missing["why"]
                .as_str()
                .is_some_and(|said| said.contains(why)),
            "{report}"
        );
        assert_eq!(missing["decisions"], 2);
        assert_eq!(missing["first_request_id"], answered);
    }
}
