//! Changes, their reports, and the way back.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_lever_changes_by_signature_and_back_by_rollback() {
    let house = House::new().await;
    let key = house.enrolled().await;
    let subject = house.propose_steep().await;
    let activated = house
        .authorize(&signed(&key, &statement(subject)))
        .await
        .unwrap();
    assert_eq!((activated.generation, activated.base), (2, 1));
    assert_eq!(house.quality(), "0.70");

    let again = house.again(&Options::default()).await.unwrap();
    let snapshot = again.active().load();
    assert_eq!(
        (
            snapshot.active.number,
            snapshot.last_good.as_ref().unwrap().number
        ),
        (2, 1)
    );

    assert!(matches!(
        house.life.rollback(None, 1, "test").await,
        Err(RollbackError::Stale {
            expected: 1,
            actual: 2
        })
    ));
    assert!(matches!(
        house.life.rollback(Some(9), 2, "test").await,
        Err(RollbackError::Unknown(9))
    ));
    let back = house.life.rollback(None, 2, "test").await.unwrap();
    assert_eq!((back.generation, house.quality().as_str()), (3, "0.60"));
    assert!(matches!(
        house.life.rollback(None, 3, "test").await,
        Err(RollbackError::NothingBefore)
    ));
    assert!(matches!(
        house.life.rollback(Some(1), 3, "test").await,
        Err(RollbackError::Same(1))
    ));
    house.life.rollback(Some(2), 3, "test").await.unwrap();
    assert_eq!(house.quality(), "0.70");
    let kinds: Vec<_> = generations::page(&house.store, None, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|g| g.kind)
        .collect();
    use GenerationKind::{Authorized, BuiltIn, RolledBack};
    assert_eq!(kinds, [RolledBack, RolledBack, Authorized, BuiltIn]);
    let tail = [
        "founder.enrolled",
        "plugin.uploaded",
        "plugin.verified",
        "change.proposed",
        "policy.authorized",
        "policy.activated",
        "policy.rolled_back",
        "policy.rolled_back",
    ];
    assert_eq!(house.events().await[7..], tail);
}

#[tokio::test(flavor = "multi_thread")]
async fn proposals_that_fit_nothing_are_refused() {
    let house = House::new().await;
    let digests = house.life.active().load().active.set.digests();
    let propose = async |slots: &[(Slot, Digest)]| {
        house
            .life
            .propose(
                slots.iter().copied().collect(),
                &replay::Window::default(),
                "test",
            )
            .await
            .unwrap_err()
    };
    assert!(matches!(propose(&[]).await, ProposeError::Empty));
    assert!(matches!(
        propose(&[(Slot::FloorClamp, digests.floor_clamp)]).await,
        ProposeError::Unchanged
    ));
    assert!(matches!(
        propose(&[(Slot::FloorClamp, digests.preference_dial)]).await,
        ProposeError::WrongSlot { .. }
    ));
    assert!(matches!(
        propose(&[(Slot::FloorClamp, Digest::of(b""))]).await,
        ProposeError::Loaded(LoadedError::Missing(_))
    ));
    let rejected = house
        .life
        .upload(Bytes::from_static(b"\0asm\x01\0\0\0"), "test")
        .await
        .unwrap_err();
    assert!(
        matches!(&rejected, UploadError::Rejected(r) if r.reasons[0].code == laws::Code::NotAComponent),
        "{rejected}"
    );
    let digest = Digest::of(b"\0asm\x01\0\0\0");
    assert_eq!(
        components::get(&house.store, digest)
            .await
            .unwrap()
            .unwrap()
            .state,
        ComponentState::Rejected
    );
    assert!(matches!(
        propose(&[(Slot::FloorClamp, digest)]).await,
        ProposeError::Loaded(LoadedError::NotVerified(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_a_replay_and_one_without_still_reads() {
    let house = House::new().await;
    let change = house.propose_steep().await.change;
    let proposed = house.life.change(change).await.unwrap().unwrap();
    assert!(proposed.timings.is_some());
    assert_eq!(proposed.report.replay.as_ref().unwrap().window.decisions, 0);
    let mut earlier = serde_json::to_value(&proposed.report).unwrap();
    earlier.as_object_mut().unwrap().remove("replay");
    let report: report::Report = serde_json::from_value(earlier.clone()).unwrap();
    assert_eq!(report.replay, None);
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        earlier,
        "and keeps its hash"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_stable_and_shows_the_levers() {
    let house = House::new().await;
    let (one, two) = (house.propose_steep().await, house.propose_steep().await);
    assert_eq!(one.report_sha256, two.report_sha256);
    let report = house.life.change(one.change).await.unwrap().unwrap().report;
    assert_eq!(report.canonical().unwrap().1, one.report_sha256);
    insta::assert_snapshot!(serde_json::to_string(&report.levers).unwrap(), @r#"[{"slot":"preference-dial","lever":"cost","before":"-0.10","after":"-0.20"},{"slot":"preference-dial","lever":"quality","before":"0.10","after":"0.20"}]"#);
    assert!(report.names.is_empty());
    let moved: Vec<String> = report
        .floors
        .iter()
        .filter(|floor| floor.before != floor.after)
        .map(|f| {
            format!(
                "{} {}: {} → {}",
                f.preference,
                f.base,
                f.before.as_deref().unwrap(),
                f.after.as_deref().unwrap()
            )
        })
        .collect();
    insta::assert_snapshot!(moved.join("\n"), @r"
    cost 0.65: 0.55 → 0.50
    cost 0.70: 0.60 → 0.50
    cost 0.75: 0.65 → 0.55
    cost 0.80: 0.70 → 0.60
    cost 0.85: 0.75 → 0.65
    cost 0.90: 0.80 → 0.70
    cost 0.95: 0.85 → 0.75
    cost 1.00: 0.90 → 0.80
    quality 0.00: 0.10 → 0.20
    quality 0.05: 0.15 → 0.25
    quality 0.10: 0.20 → 0.30
    quality 0.15: 0.25 → 0.35
    quality 0.20: 0.30 → 0.40
    quality 0.25: 0.35 → 0.45
    quality 0.30: 0.40 → 0.50
    quality 0.35: 0.45 → 0.55
    quality 0.40: 0.50 → 0.60
    quality 0.45: 0.55 → 0.65
    quality 0.50: 0.60 → 0.70
    quality 0.55: 0.65 → 0.75
    quality 0.60: 0.70 → 0.80
    quality 0.65: 0.75 → 0.85
    quality 0.70: 0.80 → 0.85
    ");
}
