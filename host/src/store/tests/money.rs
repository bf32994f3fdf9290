//! The ledger and the idempotency keys, off the hot path.

use super::super::idempotency::{Found, delete_expired, find};
use super::super::ledger::{
    Account, TopUp, account, calls, days, span, top_up, top_up_of, top_ups,
};
use super::super::on::run;
use super::super::tenancy::{Agent, AgentStatus, Tenant, insert_agent, insert_tenant};
use super::super::{Digest, Key, StoreError, TenantId, TopUpId};
use super::place::{Place, on_both};
use super::views::{AGENT, TENANT, open};

on_both! {
    a_top_up_counts_once,
    a_days_money_is_its_agents,
    a_key_serves_until_its_time,
}

fn paid(id: i64, reference: &str) -> TopUp {
    TopUp {
        id: TopUpId(Key(id)),
        at_us: id,
        tenant: TENANT,
        amount_nanousd: 7,
        reference: reference.to_owned(),
        note: None,
        actor: "founder".to_owned(),
    }
}

fn tenant() -> Tenant {
    Tenant {
        id: TENANT,
        name: "acme".to_owned(),
        default_floor: None,
        credit_limit_nanousd: None,
        created_us: 1,
    }
}

async fn a_top_up_counts_once(place: &Place) {
    let store = place.store().await;
    let mut tx = store.begin().await.unwrap();
    insert_tenant(&mut tx, &tenant()).await.unwrap();
    for (id, reference) in [(1, "a"), (2, "b")] {
        top_up(&mut tx, &paid(id, reference)).await.unwrap();
    }
    let again = top_up(&mut tx, &paid(3, "a")).await;
    assert!(matches!(again, Err(StoreError::Duplicate { .. })));
    tx.commit().await.unwrap();

    let mut tx = store.snapshot().await.unwrap();
    let has = Account {
        available_nanousd: 14,
        paid_in_nanousd: 14,
        ..Account::default()
    };
    assert_eq!(account(&mut tx, TENANT).await.unwrap(), has);
    let nobody = TenantId(Key(1));
    assert_eq!(account(&mut tx, nobody).await.unwrap(), Account::default());
    let found = top_up_of(&mut tx, TENANT, "b").await.unwrap();
    assert_eq!(found, Some(paid(2, "b")));
    let page = top_ups(&mut tx, TENANT, (Key(0), Key(1)), 9).await.unwrap();
    assert_eq!(page, [paid(1, "a")]);
}

async fn a_days_money_is_its_agents(place: &Place) {
    let store = place.store().await;
    let mut tx = store.begin().await.unwrap();
    insert_tenant(&mut tx, &tenant()).await.unwrap();
    let agent = Agent {
        id: AGENT,
        tenant: TENANT,
        name: "a".to_owned(),
        status: AgentStatus::Active,
        default_floor: None,
        allowed_models: None,
        call_cap_nanousd: Some(3),
        day_cap_nanousd: None,
        created_us: 2,
    };
    insert_agent(&mut tx, &agent).await.unwrap();
    tx.commit().await.unwrap();
    for key in 1..=3 {
        open(&store, key, "policy", true).await;
    }
    let sql = "UPDATE call_opened SET hold_nanousd = 5 WHERE key <> $1";
    run!(store, execute, sqlx::query(sql).bind(2_i64)).unwrap();
    let sql = "INSERT INTO ledger_days (agent, day, charged_nanousd, held_nanousd)
               VALUES ($1, 9, 1, 2)";
    run!(store, execute, sqlx::query(sql).bind(AGENT)).unwrap();

    let mut tx = store.snapshot().await.unwrap();
    for (day, charged, held) in [(8, 0, 0), (9, 1, 2)] {
        let [of_day] = <[_; 1]>::try_from(days(&mut tx, TENANT, day).await.unwrap()).unwrap();
        assert_eq!(
            (
                of_day.agent,
                of_day.call_cap_nanousd,
                of_day.day_cap_nanousd
            ),
            (AGENT, Some(3), None)
        );
        assert_eq!(
            (of_day.charged_nanousd, of_day.held_nanousd),
            (charged, held)
        );
    }
    let all = (Key(0), Key(9));
    let page = calls(&mut tx, TENANT, all, 9).await.unwrap();
    let keys: Vec<_> = page
        .iter()
        .map(|call| (call.key.0, call.hold_nanousd))
        .collect();
    assert_eq!(keys, [(1, 5), (3, 5)]);
    assert!(
        calls(&mut tx, TenantId(Key(1)), all, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(span(&mut tx, Key(0)).await.unwrap(), None);
    let sql = "SELECT CAST(sum(amount_nanousd) AS BIGINT) FROM ledger_entries";
    let balanced: i64 = run!(tx, fetch_one, sqlx::query_scalar(sql)).unwrap();
    assert_eq!(balanced, 0);
}

async fn a_key_serves_until_its_time(place: &Place) {
    let store = place.store().await;
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    for (scope, answer) in [(one, None), (two, Some(&b"answer"[..]))] {
        let sql = "INSERT INTO idempotency_keys (scope, body, call, expires_us, head, answer)
                   VALUES ($1, $2, 1, 100, $3, $4)";
        let head = answer.map(|_| "{}");
        run!(
            store,
            execute,
            sqlx::query(sql)
                .bind(scope.0.as_slice())
                .bind(one.0.as_slice())
                .bind(head)
                .bind(answer)
        )
        .unwrap();
    }
    let kept = Found::Kept {
        head: "{}".to_owned(),
        answer: b"answer".to_vec(),
    };
    for (scope, body, at, expected) in [
        (one, one, 99, Some(Found::Running)),
        (one, two, 99, Some(Found::Other)),
        (two, one, 99, Some(kept)),
        (two, one, 100, None),
        (Digest::of(b"three"), one, 99, None),
    ] {
        assert_eq!(find(&store, scope, body, at).await.unwrap(), expected);
    }
    let mut tx = store.begin().await.unwrap();
    for (at, deleted) in [(99, 0), (100, 1), (100, 1), (100, 0)] {
        assert_eq!(delete_expired(&mut tx, at, 1).await.unwrap(), deleted);
    }
    tx.commit().await.unwrap();
}
