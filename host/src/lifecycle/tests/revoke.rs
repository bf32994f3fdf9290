//! Sets that may not become active again.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_set_comes_back_by_no_hand() {
    let house = House::new().await;
    let life = &house.life;
    let key = house.enrolled().await;
    let subject = house.propose_steep().await;
    house
        .authorize(&signed(&key, &statement(subject.clone())))
        .await
        .unwrap();
    let active = life.revoke_generation(2, "op").await;
    assert!(matches!(active, Err(RevokeError::Active(2))));
    let unknown = life.revoke_generation(9, "op").await;
    assert!(matches!(unknown, Err(RevokeError::Unknown(9))));
    life.rollback(None, 2, "op").await.unwrap();
    // Signed and waiting when the set is revoked.
    let waiting = house.propose_steep().await;
    assert!(life.revoke_generation(2, "op").await.unwrap());
    assert!(!life.revoke_generation(2, "op").await.unwrap(), "it is");

    let back = life.rollback(Some(2), 3, "op").await;
    assert!(matches!(back, Err(RollbackError::Revoked(2))));
    let late = house.authorize(&signed(&key, &statement(waiting))).await;
    assert!(matches!(late, Err(AuthorizeError::Revoked)));
    let again = life
        .propose(subject.slots.clone(), &replay::Window::default(), "author")
        .await;
    assert!(matches!(again, Err(ProposeError::Revoked)));
    assert_eq!(house.quality(), "0.60");

    assert!(life.restore_generation(2, "founder").await.unwrap());
    assert!(!life.restore_generation(2, "founder").await.unwrap());
    life.rollback(Some(2), 3, "op").await.unwrap();
    assert_eq!(house.quality(), "0.70");
    let events = house.events().await;
    for name in ["generation.revoked", "generation.restored"] {
        let count = events.iter().filter(|event| *event == name).count();
        assert_eq!(count, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_set_answers_for_no_other_and_a_roll_back_steps_over_it() {
    let house = House::new().await;
    let life = &house.life;
    let key = house.enrolled().await;
    let subject = house.propose_steep().await;
    house
        .authorize(&signed(&key, &statement(subject)))
        .await
        .unwrap();
    let last_good = || {
        let snapshot = life.active().load();
        snapshot.last_good.as_ref().map(|good| good.number)
    };
    assert_eq!(last_good(), Some(1));
    assert!(life.revoke_generation(1, "op").await.unwrap());
    assert_eq!(last_good(), None, "the reference set is revoked");
    let back = life.rollback(None, 2, "op").await;
    assert!(matches!(back, Err(RollbackError::NothingBefore)));
    // The same after a start.
    let again = house.again(&Options::default()).await.unwrap();
    assert!(again.active().load().last_good.is_none());
    assert!(life.restore_generation(1, "founder").await.unwrap());
    assert_eq!(last_good(), Some(1));
}
