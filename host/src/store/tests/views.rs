//! Calls, as both databases' views give them.

use super::super::history::{History, Window};
use super::super::on::run;
use super::super::{AgentId, Key, Store, TenantId, calls, inferences};
use super::place::{Place, on_both};

on_both! {
    a_call_reads_as_it_was_written,
    calls_are_paged_by_their_keys,
}

pub(super) const TENANT: TenantId = TenantId(Key(0x2a));
pub(super) const AGENT: AgentId = AgentId(Key(0x0123_4567_89ab_cdef));

/// A call that was admitted.
pub(super) async fn open(store: &Store, key: i64, router: &str, dispatched: bool) {
    let sql = "INSERT INTO call_opened (key, at_us, tenant, agent, router, route, stream, requested,
                   alias, ruleset_hash, text_bytes, images, tools, thinking, candidates, dispatched)
               VALUES ($1, $2, $3, $4, $5, '/v1/messages', $6, 'a/b', $7, $8, 5, 0, $9, $10, '[1]', $11)";
    run!(
        store,
        execute,
        sqlx::query(sql)
            .bind(key)
            .bind(key * 10)
            .bind(TENANT)
            .bind(AGENT)
            .bind(router)
            .bind(true)
            .bind(false)
            .bind(&[0xAB_u8, 0x01][..])
            .bind(true)
            .bind(false)
            .bind(dispatched)
    )
    .unwrap();
}

/// Its end.
pub(super) async fn close(store: &Store, key: i64, status: &str) {
    let sql = "INSERT INTO call_closed (key, at_us, status, reason, cost_nanousd, http_status)
               VALUES ($1, $2, $3, 'why', 7, 200)";
    run!(
        store,
        execute,
        sqlx::query(sql).bind(key).bind(key * 10 + 1).bind(status)
    )
    .unwrap();
}

async fn a_call_reads_as_it_was_written(place: &Place) {
    let store = place.store().await;
    open(&store, 31, "policy", true).await;
    let pending = calls::decision(&store, Key(31)).await.unwrap().unwrap();
    assert_eq!(pending.outcome_status, "pending");
    assert_eq!((pending.closed_us, pending.reason), (None, None));
    close(&store, 31, "succeeded").await;
    let row = calls::decision(&store, Key(31)).await.unwrap().unwrap();
    assert_eq!(row.request_id, "req_000000000000001f");
    assert_eq!(row.inference_id.as_deref(), Some("inf_000000000000001f"));
    assert_eq!(row.tenant_id, "tnt_000000000000002a");
    assert_eq!(row.agent_id, "agt_0123456789abcdef");
    assert_eq!(
        (row.stream, row.alias, row.tools, row.thinking),
        (true, false, true, false)
    );
    assert_eq!(row.ruleset_hash.as_deref(), Some("ab01"));
    assert_eq!((row.opened_us, row.closed_us), (310, Some(311)));
    assert_eq!(
        (row.outcome_status.as_str(), row.reject_reason),
        ("succeeded", None)
    );
    assert_eq!((row.cost_nanousd, row.http_status), (Some(7), Some(200)));
    assert_eq!(&*row.candidates.unwrap(), "[1]");

    open(&store, 32, "policy", false).await;
    close(&store, 32, "rejected_floor").await;
    let refused = calls::decision(&store, Key(32)).await.unwrap().unwrap();
    assert_eq!(
        (refused.inference_id, refused.reject_reason.as_deref()),
        (None, Some("why"))
    );

    let own = inferences::of_agent(&store, Key(31), AGENT).await.unwrap();
    let own = own.unwrap();
    assert_eq!(
        (own.key, own.stream, own.status.as_str()),
        (Key(31), true, "succeeded")
    );
    for (key, agent) in [(31, AgentId(Key(1))), (32, AGENT)] {
        let none = inferences::of_agent(&store, Key(key), agent).await.unwrap();
        assert_eq!(none, None);
    }
    let sql = "SELECT inference_id, status FROM inferences WHERE key = $1";
    let of_view: (String, String) =
        run!(store, fetch_one, sqlx::query_as(sql).bind(31_i64)).unwrap();
    assert_eq!(
        of_view,
        ("inf_000000000000001f".to_owned(), "succeeded".to_owned())
    );
}

async fn calls_are_paged_by_their_keys(place: &Place) {
    let store = place.store().await;
    for key in 1..=6 {
        let router = if key == 4 { "direct" } else { "policy" };
        open(&store, key, router, true).await;
    }
    close(&store, 2, "succeeded").await;
    close(&store, 3, "failed").await;
    let ids = |page: Vec<calls::Decision>| -> Vec<_> {
        page.iter().map(|row| row.opened_us / 10).collect()
    };
    let latest = calls::decisions(&store, None, 2).await.unwrap();
    assert_eq!(ids(latest), [6, 5]);
    let before = calls::decisions(&store, Some(Key(5)), 9).await.unwrap();
    assert_eq!(ids(before), [3, 2, 1]);
    let after = calls::decisions_after(&store, Key(2), 2).await.unwrap();
    assert_eq!(ids(after), [3, 5]);
    let counts = calls::counts(&store).await.unwrap();
    assert_eq!(
        counts,
        [
            ("failed".to_owned(), 1),
            ("pending".to_owned(), 3),
            ("succeeded".to_owned(), 1)
        ]
    );
    let window = Window {
        latest: Some(3),
        ..Window::default()
    };
    let mut history = History::open(&store, window).await.unwrap();
    assert_eq!(history.pinned().await.unwrap(), 1);
    assert_eq!(ids(history.page().await.unwrap()), [3, 5, 6]);
    assert!(history.page().await.unwrap().is_empty());
    let pinned = Window {
        first: Some(Key(2)),
        last: Some(Key(5)),
        ..Window::default()
    };
    let mut history = History::open(&store, pinned).await.unwrap();
    let inputs = history.inputs().await.unwrap();
    let named: Vec<_> = inputs.iter().map(|call| &*call.request_id).collect();
    assert_eq!(named, [2, 3, 5].map(|key| Key(key).request_id()));
    assert!(history.inputs().await.unwrap().is_empty());
}
