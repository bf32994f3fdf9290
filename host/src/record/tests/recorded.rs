//! What was said of a call is what can be read of it.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::super::{
    Attempt, Opened, Outcome, Progress, RecordsUnavailable, Router, Status, Usage, UsageSource,
};
use super::super::{Records, RecordsConfig};
use super::{AGENT, Place, TENANT, on_both, routed};
use crate::store::{AgentId, Digest, Key, calls, inferences};
use crate::telemetry::otlp::Otlp;

on_both! {
    a_row_is_pending_and_then_whole,
    a_refused_call_has_a_reason_and_no_inference,
    a_pinned_call_is_an_inference_and_no_outcome,
    as_many_calls_are_open_as_may_be,
}

fn whole(records: &Records) -> Opened {
    Opened {
        stream: true,
        canonical: Some("ainfera-inference".into()),
        alias: true,
        resolver_date: Some(jiff::civil::date(2026, 1, 31)),
        preference: Some("quality".to_owned()),
        base_floor: Some(Decimal::new(50, 2)),
        dialled: Some(Decimal::new(600, 3)),
        floor: Some(Decimal::new(600, 3)),
        max_cost: Some(Decimal::new(5, 1)),
        deny_providers: Some(vec!["a\"b".to_owned()]),
        gates: Some("{\"routing_preference_live\":true}".into()),
        generation: Some(2),
        decided_by: Some(1),
        faulted_generation: Some(2),
        catalog_version: Some(7),
        eligibility_mask: Some("0f".into()),
        ruleset_hash: Some(Digest::of(b"rules")),
        text_bytes: 44,
        max_tokens: Some(u64::MAX),
        candidates: Some("[]".to_owned()),
        choice: Some("m@p".into()),
        ..routed(records)
    }
}

async fn a_row_is_pending_and_then_whole(place: &Place) {
    let (store, records) = place.start().await;
    let opened = whole(&records);
    let key = opened.key;
    let mut call = records.open(opened).await.unwrap();

    let row = calls::decision(&store, key).await.unwrap().unwrap();
    assert_eq!(row.outcome_status, "pending");
    assert_eq!(row.inference_id, Some(key.inference_id()));
    assert_eq!(
        (row.agent_id, row.tenant_id),
        (AGENT.to_string(), TENANT.to_string())
    );
    assert_eq!(
        (row.dialled.as_deref(), row.floor.as_deref()),
        (Some("0.600"), Some("0.600"))
    );
    assert_eq!(row.base_floor.as_deref(), Some("0.50"));
    assert_eq!(row.resolver_date.as_deref(), Some("2026-01-31"));
    assert_eq!(row.deny_providers.as_deref(), Some(r#"["a\"b"]"#));
    assert_eq!(row.ruleset_hash, Some(Digest::of(b"rules").to_string()));
    assert_eq!(
        (row.generation, row.decided_by, row.faulted_generation),
        (Some(2), Some(1), Some(2))
    );
    assert_eq!(row.max_tokens, Some(i64::MAX));
    assert_eq!(row.closed_us, None);

    let offer: Arc<str> = "m@p".into();
    *call.progress() = Progress {
        offer: Some(offer.clone()),
        attempts: vec![Attempt {
            offer,
            outcome: "ok",
            http_status: Some(200),
            latency_us: 9,
        }],
        usage: Usage {
            input_tokens: Some(3),
            output_tokens: Some(4),
            ..Usage::default()
        },
        usage_source: Some(UsageSource::Reported),
        cost_nanousd: Some(1_234),
        first_token_us: Some(8),
        stop_reason: Some("end_turn".to_owned()),
        http_status: Some(200),
        upstream_request_id: Some("up".to_owned()),
    };
    call.close(Outcome::succeeded()).await.unwrap();

    let page = calls::decisions(&store, None, 10).await.unwrap();
    let [row] = page.as_slice() else {
        panic!("one row, not {}", page.len())
    };
    assert_eq!(row.outcome_status, "succeeded");
    assert_eq!(
        row.attempts.as_deref(),
        Some(r#"[{"offer":"m@p","outcome":"ok","http_status":200,"latency_us":9}]"#)
    );
    assert_eq!(
        (row.input_tokens, row.output_tokens, row.cache_read_tokens),
        (Some(3), Some(4), None)
    );
    assert_eq!(
        (row.cost_nanousd, row.usage_source.as_deref()),
        (Some(1_234), Some("reported"))
    );
    assert!(row.closed_us >= Some(row.opened_us) && row.latency_us.is_some());
    assert!(
        calls::decisions(&store, Some(key), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_refused_call_has_a_reason_and_no_inference(place: &Place) {
    let (store, records) = place.start().await;
    let opened = Opened {
        dispatched: false,
        ..whole(&records)
    };
    let key = opened.key;
    let outcome = Outcome {
        nearest_miss: Some("{}".to_owned()),
        ..Outcome::because(Status::RejectedFloor, "floor")
    };
    records
        .refuse(
            opened,
            outcome,
            Progress {
                http_status: Some(422),
                ..Progress::default()
            },
        )
        .await
        .unwrap();
    let row = calls::decision(&store, key).await.unwrap().unwrap();
    assert_eq!(row.outcome_status, "rejected_floor");
    assert_eq!(
        (row.reject_reason.as_deref(), row.inference_id),
        (Some("floor"), None)
    );
    assert_eq!(
        (row.nearest_miss.as_deref(), row.http_status),
        (Some("{}"), Some(422))
    );
    assert_eq!(
        inferences::of_agent(&store, key, AGENT).await.unwrap(),
        None
    );
}

async fn a_pinned_call_is_an_inference_and_no_outcome(place: &Place) {
    let (store, records) = place.start().await;
    let opened = Opened {
        router: Router::Direct,
        ..routed(&records)
    };
    let key = opened.key;
    let mut call = records.open(opened).await.unwrap();
    call.progress().http_status = Some(200);
    drop(call);
    records.flush().await.unwrap();
    assert_eq!(calls::decision(&store, key).await.unwrap(), None);
    let of = async |agent| inferences::of_agent(&store, key, agent).await.unwrap();
    assert_eq!(of(AgentId(Key(3))).await, None, "another's");
    let row = of(AGENT).await.unwrap();
    assert_eq!(
        (row.router.as_str(), row.status.as_str()),
        ("direct", "cancelled")
    );
    assert_eq!(row.http_status, Some(200));
}

async fn as_many_calls_are_open_as_may_be(place: &Place) {
    let store = place.store().await;
    let records = Records::start(RecordsConfig { max_open_calls: 1 }, &store, Otlp::default())
        .await
        .unwrap();
    let first = records.open(routed(&records)).await.unwrap();
    let error = records
        .open(routed(&records))
        .await
        .unwrap_err()
        .unavailable();
    assert_eq!(error, RecordsUnavailable::Full);
    first.close(Outcome::succeeded()).await.unwrap();
    records
        .open(routed(&records))
        .await
        .unwrap()
        .close(Outcome::succeeded())
        .await
        .unwrap();
}
