//! Components, generations, changes, authorizations, founders, gates.

use super::super::authorizations::{self, Authorization};
use super::super::changes::{self, Change, ChangeState};
use super::super::components::{self, ComponentState, Verdict};
use super::super::founders::{self, Founder};
use super::super::gates::{self, Gate};
use super::super::generations::{self, Digests, GenerationKind};
use super::super::revocations::{self, Revocation};
use super::super::tokens::{self, AdminToken, Role};
use super::super::{AdminTokenId, ChangeId, Digest, Store, StoreError};
use super::place::{Place, on_both};

on_both! {
    one_of_two_activations_of_a_base_is_stale,
    components_are_kept_once_and_judged,
    an_activation_settles_every_change,
    a_nonce_serves_once,
    a_founders_key_is_enrolled_once_and_stays_revoked,
    the_last_good_set_is_the_latest_that_was_not_left_or_revoked,
    a_token_is_kept_until_it_is_revoked,
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
    let mut tx = store.begin().await.unwrap();
    let kept = authorizations::of_change(&mut tx, change.id).await.unwrap();
    assert_eq!(kept, [authorization]);

    let subject = Digest::of(b"s");
    for (nonce, accepted_us) in [("n", 6), ("m", 5)] {
        authorizations::insert_of_founders(&mut tx, nonce, subject, nonce, accepted_us)
            .await
            .unwrap();
    }
    let again = authorizations::insert_of_founders(&mut tx, "n", Digest::of(b"t"), "{}", 7).await;
    assert!(matches!(
        again,
        Err(StoreError::Duplicate { what: "nonce" })
    ));
    let kept = authorizations::of_founders(&mut tx, subject).await.unwrap();
    assert_eq!(kept, ["m", "n"]);
}

/// What answers for the active set is found however many generations ago it was.
async fn the_last_good_set_is_the_latest_that_was_not_left_or_revoked(place: &Place) {
    let store = place.store().await;
    let first = first(&store).await;
    let mut tx = store.begin().await.unwrap();
    for bytes in [b"other...", b"third..."] {
        components::insert(&mut tx, Digest::of(bytes), bytes, 1, "setup")
            .await
            .unwrap();
    }
    let with = |dial: &[u8]| Digests {
        preference_dial: Digest::of(dial),
        ..first
    };
    let (other, third) = (with(b"other..."), with(b"third..."));
    use GenerationKind::{Authorized, RolledBack};
    // 2 is good; 3, 5, 7, … are rolled back from.
    generations::activate(&mut tx, 1, &other, Authorized, None, 2, "t")
        .await
        .unwrap();
    for base in (2..200).step_by(2) {
        for (base, digests, kind) in [(base, third, Authorized), (base + 1, first, RolledBack)] {
            generations::activate(&mut tx, base, &digests, kind, None, 2, "t")
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
    let good = async |before, digests| {
        let found = generations::good(&store, before, 200, &digests).await;
        found.unwrap().map(|good| good.generation)
    };
    assert_eq!(good(200, first).await, Some(2));
    assert_eq!(good(2, first).await, None);
    assert_eq!(good(200, other).await, Some(198));
    let revocation = Revocation {
        digests: other,
        generation: 2,
        revoked_us: 3,
        actor: "t".to_owned(),
    };
    let mut tx = store.begin().await.unwrap();
    revocations::insert(&mut tx, &revocation).await.unwrap();
    let again = revocations::insert(&mut tx, &revocation).await;
    assert!(matches!(again, Err(StoreError::Duplicate { .. })));
    assert!(revocations::holds(&mut tx, &other).await.unwrap());
    assert!(!revocations::holds(&mut tx, &first).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(revocations::list(&store).await.unwrap(), [revocation]);
    assert_eq!(good(200, first).await, None);
    let mut tx = store.begin().await.unwrap();
    assert!(revocations::delete(&mut tx, &other).await.unwrap());
    assert!(!revocations::delete(&mut tx, &other).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(good(200, first).await, Some(2));
}

/// Two live tokens never have one name, as the audit names who acts by it.
async fn a_token_is_kept_until_it_is_revoked(place: &Place) {
    let store = place.store().await;
    let token = |hash: &[u8]| AdminToken {
        id: AdminTokenId::random().unwrap(),
        name: "ci".to_owned(),
        role: Role::Author,
        hash: Digest::of(hash),
        created_us: 1,
        actor: "admin".to_owned(),
        revoked_us: None,
    };
    let (one, two) = (token(b"1"), token(b"2"));
    let mut tx = store.begin().await.unwrap();
    tokens::insert(&mut tx, &one).await.unwrap();
    let same = tokens::insert(&mut tx, &two).await;
    assert!(matches!(same, Err(StoreError::Duplicate { .. })));
    for at_us in [5, 6] {
        let revoked = tokens::revoke(&mut tx, one.id, at_us).await.unwrap();
        assert_eq!(revoked.revoked_us, Some(5));
    }
    tokens::insert(&mut tx, &two).await.unwrap();
    let missing = tokens::get(&mut tx, token(b"3").id).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    tx.commit().await.unwrap();
    assert_eq!(tokens::live(&store).await.unwrap(), [two]);
    assert_eq!(tokens::list(&store).await.unwrap().len(), 2);
}

async fn a_founders_key_is_enrolled_once_and_stays_revoked(place: &Place) {
    let store = place.store().await;
    let founder = |key_id: &str| Founder {
        key_id: key_id.to_owned(),
        public_key: "pem".to_owned(),
        enrolled_us: 1,
        actor: "operator".to_owned(),
        revoked_us: None,
    };
    let mut tx = store.begin().await.unwrap();
    founders::enrol(&mut tx, &founder("a")).await.unwrap();
    founders::revoke(&mut tx, "a", 5).await.unwrap();
    let again = founders::enrol(&mut tx, &founder("a")).await;
    assert!(matches!(again, Err(StoreError::Duplicate { .. })));
    founders::enrol(&mut tx, &founder("b")).await.unwrap();
    founders::revoke(&mut tx, "a", 6).await.unwrap();
    assert!(matches!(
        founders::revoke(&mut tx, "c", 6).await,
        Err(StoreError::Missing { .. })
    ));
    tx.commit().await.unwrap();
    let mut tx = store.snapshot().await.unwrap();
    let revoked: Vec<_> = founders::list(&mut tx)
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
