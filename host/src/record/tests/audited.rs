//! The chains, as the writer and the control acts leave them.

use super::super::audit::{BrokenLink, Event, EventName, Fault, Head, append, verify};
use super::super::{Outcome, Progress, Status};
use super::{AGENT, Place, on_both, routed};
use crate::store::audit::{CONTROL_CHAIN, chains, named, page, row_id};
use crate::store::{Digest, Store};

on_both! {
    chains_verify_across_starts,
    a_changed_event_is_named,
    every_event_is_found_by_its_name,
    a_dropped_transaction_leaves_no_event,
    a_call_makes_two_canonical_events_and_a_refusal_one,
}

/// Verifies every chain from its beginning, and that each writer's continues
/// from the one before.
async fn verify_all(store: &Store) -> Result<Vec<Head>, BrokenLink> {
    let mut heads = Vec::new();
    let mut before: Option<Head> = None;
    for chain in chains(store).await.unwrap() {
        if chain.chain != CONTROL_CHAIN {
            let continued = before.map_or(Digest::default(), |head| head.link);
            assert_eq!(chain.previous_link, continued);
        }
        let mut head = Head {
            seq: 0,
            link: chain.previous_link,
        };
        loop {
            let rows = page(store, chain.chain, head.seq, 3).await.unwrap();
            if rows.is_empty() {
                break;
            }
            head = verify(head, &rows)?;
        }
        if chain.chain != CONTROL_CHAIN {
            before = Some(head);
        }
        heads.push(head);
    }
    Ok(heads)
}

async fn chains_verify_across_starts(place: &Place) {
    for calls in [2, 0, 3] {
        let (_, records) = place.start().await;
        for _ in 0..calls {
            let call = records.open(routed(&records)).await.unwrap();
            call.close(Outcome::succeeded()).await.unwrap();
        }
        records.stop().await;
    }
    let store = place.store().await;
    let heads = verify_all(&store).await.unwrap();
    assert_eq!(
        heads.iter().map(|head| head.seq).collect::<Vec<_>>(),
        [3, 4, 0, 6]
    );
}

async fn a_changed_event_is_named(place: &Place) {
    let (store, records) = place.start().await;
    for _ in 0..3 {
        records
            .open(routed(&records))
            .await
            .unwrap()
            .close(Outcome::succeeded())
            .await
            .unwrap();
    }
    let id = row_id(1, 3);
    place
        .run(&format!(
            "UPDATE audit_log SET body = replace(body, 'ainfera', 'another') WHERE id = {id}"
        ))
        .await;
    let broken = verify_all(&store).await.unwrap_err();
    assert_eq!(
        broken,
        BrokenLink {
            chain: 1,
            seq: 3,
            fault: Fault::Link
        }
    );
    let id = row_id(1, 2);
    place
        .run(&format!("DELETE FROM audit_log WHERE id = {id}"))
        .await;
    let broken = verify_all(&store).await.unwrap_err();
    assert_eq!(
        broken,
        BrokenLink {
            chain: 1,
            seq: 3,
            fault: Fault::Place
        }
    );
}

async fn every_event_is_found_by_its_name(place: &Place) {
    let store = place.store().await;
    for &name in EventName::ALL {
        assert_eq!(name.as_str().parse(), Ok(name));
        let mut tx = store.begin().await.unwrap();
        append(
            &mut tx,
            &Event::new(name, serde_json::json!({"b": "0.50", "a": 1})),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let found = named(&store, CONTROL_CHAIN, name.as_str(), 5)
            .await
            .unwrap();
        let [row] = found.as_slice() else {
            panic!("{name}: {found:?}")
        };
        assert!(
            row.body.starts_with(r#"{"at":"#) && row.body.contains(r#""data":{"a":1,"b":"0.50"}"#),
            "{}",
            row.body
        );
    }
    verify_all(&store).await.unwrap();
}

async fn a_dropped_transaction_leaves_no_event(place: &Place) {
    let store = place.store().await;
    let mut tx = store.begin().await.unwrap();
    append(&mut tx, &Event::new(EventName::GateChanged, ()))
        .await
        .unwrap();
    drop(tx);
    assert!(page(&store, CONTROL_CHAIN, 0, 10).await.unwrap().is_empty());
}

async fn a_call_makes_two_canonical_events_and_a_refusal_one(place: &Place) {
    let (store, records) = place.start().await;
    let mut opened = routed(&records);
    opened.requested = "caf\u{e9} \"x\"\u{1}".to_owned();
    let request = opened.key.request_id();
    records
        .open(opened)
        .await
        .unwrap()
        .close(Outcome::succeeded())
        .await
        .unwrap();
    let refused = Outcome::because(Status::Refused, "agent_not_active");
    records
        .refuse(routed(&records), refused, Progress::default())
        .await
        .unwrap();

    let rows = page(&store, 1, 0, 10).await.unwrap();
    let names = [
        "inference.routed",
        "inference.completed",
        "inference.routed",
    ];
    assert_eq!(rows.len(), names.len());
    for (row, name) in rows.iter().zip(names) {
        let body: serde_json::Value = serde_json::from_str(&row.body).unwrap();
        assert_eq!(
            row.body,
            serde_json_canonicalizer::to_string(&body).unwrap()
        );
        assert_eq!(
            (&body["event"], &body["agent"]),
            (&name.into(), &AGENT.to_string().into())
        );
        assert_eq!(body["data"]["router"], "policy");
    }
    assert!(rows[1].body.contains(&request) && rows[0].body.contains(&request));
    assert!(rows[2].body.contains(r#""outcome":"refused""#));
}
