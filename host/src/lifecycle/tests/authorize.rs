//! The founder's signature.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_founder_did_not_sign_changes_nothing() {
    let house = House::new().await;
    let subject = house.propose_steep().await;
    let (key, _) = House::founder(1);
    let good = statement(subject.clone());
    assert!(matches!(
        house.authorize(&signed(&key, &good)).await,
        Err(AuthorizeError::Envelope(dsse::EnvelopeError::NoFounder))
    ));
    let key = house.enrolled().await;
    let with = |change: fn(&mut Subject)| {
        let mut subject = subject.clone();
        change(&mut subject);
        signed(&key, &statement(subject))
    };
    let refused = async |envelope: &Envelope| house.authorize(envelope).await.unwrap_err();
    let (other, _) = House::founder(2);
    assert!(matches!(
        refused(&signed(&other, &good)).await,
        AuthorizeError::Envelope(_)
    ));
    let odd = Envelope::sign(&key, "text/plain", &serde_json::to_vec(&good).unwrap());
    assert!(matches!(
        refused(&odd).await,
        AuthorizeError::PayloadType(_)
    ));
    assert!(matches!(
        refused(&Envelope::sign(&key, PAYLOAD_TYPE, b"{}")).await,
        AuthorizeError::Payload(_)
    ));
    let (past, hour) = (
        Timestamp::now() - SignedDuration::from_hours(3),
        SignedDuration::from_hours(1),
    );
    let expired = Statement::new(subject.clone(), past, past + hour).unwrap();
    assert!(matches!(
        refused(&signed(&key, &expired)).await,
        AuthorizeError::Window(WindowError::Expired(_))
    ));
    assert!(matches!(
        refused(&with(|s| s.change.0.0 += 1)).await,
        AuthorizeError::UnknownChange(_)
    ));
    assert!(matches!(
        refused(&with(|s| s.slots.clear())).await,
        AuthorizeError::Mismatch("slots")
    ));
    assert!(matches!(
        refused(&with(|s| s.base.generation = 2)).await,
        AuthorizeError::Mismatch("base")
    ));
    assert!(matches!(
        refused(&with(|s| s.result.floor_clamp = Digest::of(b""))).await,
        AuthorizeError::Mismatch("result")
    ));
    assert!(matches!(
        refused(&with(|s| s.report_sha256 = Digest::of(b""))).await,
        AuthorizeError::Mismatch("report hash")
    ));
    assert!(matches!(
        refused(&with(|s| s.fingerprint.push('x'))).await,
        AuthorizeError::Fingerprint
    ));
    assert_eq!(house.life.active().load().active.number, 1);
    // The good one is still good, once.
    let envelope = signed(&key, &good);
    house.authorize(&envelope).await.unwrap();
    assert!(matches!(
        refused(&envelope).await,
        AuthorizeError::NonceUsed
    ));
    let fresh = signed(&key, &statement(subject));
    assert!(matches!(
        refused(&fresh).await,
        AuthorizeError::Stale { base: 1, active: 2 }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_authorizations_at_once_one_is_stale() {
    let house = House::new().await;
    let key = house.enrolled().await;
    let (first, second) = (house.propose_steep().await, house.propose_steep().await);
    let (first, second) = (
        signed(&key, &statement(first)),
        signed(&key, &statement(second)),
    );
    let (first, second) = tokio::join!(house.authorize(&first), house.authorize(&second));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(house.life.active().load().active.number, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_founders_stand_in_for_the_enrolled() {
    let house = House::new().await;
    let key = house.enrolled().await;
    let (other, pem) = House::founder(2);
    assert!(matches!(
        house.life.enrol_founder(&pem, "test").await,
        Err(EnrolError::NotFirst)
    ));
    let fixed = house
        .again(&Options {
            founder_keys: Some(pem.clone()),
            ..Options::default()
        })
        .await
        .unwrap();
    assert!(matches!(
        fixed.enrol_founder(&pem, "test").await,
        Err(EnrolError::Fixed)
    ));
    let subject = house.propose_steep().await;
    let enrolled = signed(&key, &statement(subject.clone()));
    assert!(matches!(
        fixed.authorize(&enrolled).await,
        Err(AuthorizeError::Envelope(_))
    ));
    fixed
        .authorize(&signed(&other, &statement(subject)))
        .await
        .unwrap();
    let path = house.dir.join("keys.pem");
    std::fs::write(&path, &pem).unwrap();
    let by_path = Options {
        founder_keys: Some(path.display().to_string()),
        ..Options::default()
    };
    assert_eq!(
        house
            .again(&by_path)
            .await
            .unwrap()
            .founders()
            .await
            .unwrap()
            .len(),
        1
    );
    let broken = Options {
        founder_keys: Some("nowhere.pem".into()),
        ..Options::default()
    };
    assert!(matches!(
        house.again(&broken).await,
        Err(BootError::Founders(_))
    ));
}
