//! Components, generations, changes, authorizations, founders, gates.

use super::super::authorizations::{self, Authorization};
use super::super::changes::{self, Change, ChangeState};
use super::super::components::{self, ComponentState, Verdict};
use super::super::founders::{self, Founder};
use super::super::gates::{self, Gate};
use super::super::generations::{self, Digests, GenerationKind};
use super::super::{ChangeId, Digest, Store, StoreError};
use super::place::{Place, on_both};

on_both! {
    one_of_two_activations_of_a_base_is_stale,
    components_are_kept_once_and_judged,
    an_activation_settles_every_change,
    a_nonce_serves_once,
    only_the_first_founder_enrols_unsigned,
    a_gate_changes_or_stays,
}

/// Three components, and a first generation of them.
async fn first(store: &Store) -> Digests {
    let mut tx = store.begin().await.unwrap();
    for bytes in [b"resolver", b"dial....", b"clamp..."] {
        assert!(
            components::insert(&mut tx, Digest::of(bytes), bytes, 1, "setup")
                .await
                .unwrap()
        );
    }
    let digests = Digests {
        alias_resolver: Digest::of(b"resolver"),
        preference_dial: Digest::of(b"dial...."),
        floor_clamp: Digest::of(b"clamp..."),
    };
    let number = generations::activate(
        &mut tx,
        0,
        &digests,
        GenerationKind::BuiltIn,
        None,
        2,
        "setup",
    )
    .await;
    assert_eq!(number.unwrap(), 1);
    tx.commit().await.unwrap();
    digests
}

fn change() -> Change {
    Change {
        id: ChangeId::random().unwrap(),
        base_generation: 1,
        slots: "{}".to_owned(),
        report: "{}".to_owned(),
        report_hash: Digest::of(b"{}"),
        timings: None,
        proposed_us: 3,
        actor: "author".to_owned(),
        state: ChangeState::Proposed,
    }
}

async fn one_of_two_activations_of_a_base_is_stale(place: &Place) {
    let store = place.store().await;
    assert_eq!(generations::active(&store).await.unwrap(), None);
    let digests = first(&store).await;
    let race = (0..2).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.begin().await?;
            let kind = GenerationKind::RolledBack;
            let number =
                generations::activate(&mut tx, 1, &digests, kind, None, 4, "founder").await?;
            tx.commit().await?;
            Ok::<_, StoreError>(number)
        })
    });
    let (mut won, mut lost) = (0, 0);
    for one in race.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(2) => won += 1,
            Err(StoreError::Stale {
                expected: 1,
                actual: 2,
                ..
            }) => lost += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((won, lost), (1, 1));
    let active = generations::active(&store).await.unwrap().unwrap();
    assert_eq!(
        (active.generation, active.digests, active.base),
        (2, digests, Some(1))
    );
    assert_eq!(active.kind, GenerationKind::RolledBack);
    let page = generations::page(&store, Some(2), 10).await.unwrap();
    assert_eq!(page, [generations::get(&store, 1).await.unwrap().unwrap()]);
}

async fn components_are_kept_once_and_judged(place: &Place) {
    let store = place.store().await;
    let digest = Digest::of(b"wasm");
    let verdict = Verdict {
        state: ComponentState::Rejected,
        slot: Some("floor-clamp".to_owned()),
        report: "{}".to_owned(),
        fuel_budget: Some(9),
        fingerprint: None,
    };
    let mut tx = store.begin().await.unwrap();
    assert!(
        components::insert(&mut tx, digest, b"wasm", 1, "author")
            .await
            .unwrap()
    );
    assert!(
        !components::insert(&mut tx, digest, b"wasm", 2, "other")
            .await
            .unwrap()
    );
    let missing = components::judge(&mut tx, Digest::of(b""), &verdict).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    tx.commit().await.unwrap();
    let stored = components::get(&store, digest).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.length, stored.actor.as_str()),
        (ComponentState::Uploaded, 4, "author")
    );

    let mut tx = store.begin().await.unwrap();
    components::judge(&mut tx, digest, &verdict).await.unwrap();
    tx.commit().await.unwrap();
    let [stored] = <[_; 1]>::try_from(components::list(&store).await.unwrap()).unwrap();
    assert_eq!(
        (stored.state, stored.slot, stored.fuel_budget),
        (ComponentState::Rejected, verdict.slot, Some(9))
    );
    assert_eq!(
        components::bytes(&store, digest).await.unwrap().as_deref(),
        Some(&b"wasm"[..])
    );
}

async fn an_activation_settles_every_change(place: &Place) {
    let store = place.store().await;
    first(&store).await;
    let (one, two) = (change(), change());
    let mut tx = store.begin().await.unwrap();
    changes::insert(&mut tx, &one).await.unwrap();
    changes::insert(&mut tx, &two).await.unwrap();
    changes::settle(&mut tx, Some(two.id)).await.unwrap();
    tx.commit().await.unwrap();
    let state = async |change: &Change| {
        changes::get(&store, change.id)
            .await
            .unwrap()
            .unwrap()
            .state
    };
    assert_eq!(
        (state(&one).await, state(&two).await),
        (ChangeState::Superseded, ChangeState::Active)
    );
    let mut tx = store.begin().await.unwrap();
    changes::settle(&mut tx, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(state(&two).await, ChangeState::Superseded);
    assert_eq!(changes::page(&store, None, 10).await.unwrap().len(), 2);
}

async fn a_nonce_serves_once(place: &Place) {
    let store = place.store().await;
    first(&store).await;
    let change = change();
    let authorization = Authorization {
        nonce: "n".to_owned(),
        change_id: change.id,
        key_id: "k".to_owned(),
        envelope: "{}".to_owned(),
        accepted_us: 4,
    };
    let mut tx = store.begin().await.unwrap();
    changes::insert(&mut tx, &change).await.unwrap();
    authorizations::insert(&mut tx, &authorization)
        .await
        .unwrap();
    let again = authorizations::insert(&mut tx, &authorization)
        .await
        .unwrap_err();
    assert!(matches!(again, StoreError::Duplicate { what: "nonce" }));
    tx.commit().await.unwrap();
    assert_eq!(
        authorizations::of_change(&store, change.id).await.unwrap(),
        [authorization]
    );
}

async fn only_the_first_founder_enrols_unsigned(place: &Place) {
    let store = place.store().await;
    let founder = |key_id: &str| Founder {
        key_id: key_id.to_owned(),
        public_key: "pem".to_owned(),
        enrolled_us: 1,
        actor: "operator".to_owned(),
        revoked_us: None,
    };
    let mut tx = store.begin().await.unwrap();
    founders::enrol_first(&mut tx, &founder("a")).await.unwrap();
    founders::revoke(&mut tx, "a", 5).await.unwrap();
    let second = founders::enrol_first(&mut tx, &founder("b")).await;
    assert!(matches!(second, Err(StoreError::Duplicate { .. })));
    founders::enrol(&mut tx, &founder("b")).await.unwrap();
    founders::revoke(&mut tx, "a", 6).await.unwrap();
    assert!(matches!(
        founders::revoke(&mut tx, "c", 6).await,
        Err(StoreError::Missing { .. })
    ));
    tx.commit().await.unwrap();
    let revoked: Vec<_> = founders::list(&store)
        .await
        .unwrap()
        .into_iter()
        .map(|f| f.revoked_us)
        .collect();
    assert_eq!(revoked, [Some(5), None]);
}

async fn a_gate_changes_or_stays(place: &Place) {
    let store = place.store().await;
    let gate = |open, changed_us| Gate {
        name: "routing_preference_live".to_owned(),
        open,
        changed_us,
        actor: "founder".to_owned(),
    };
    let mut tx = store.begin().await.unwrap();
    assert!(gates::set(&mut tx, &gate(true, 1)).await.unwrap());
    assert!(!gates::set(&mut tx, &gate(true, 2)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(gates::list(&store).await.unwrap(), [gate(true, 1)]);
}
