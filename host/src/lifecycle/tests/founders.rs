//! Several founders: thresholds, and changes of their keys.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use super::keyring::{self, KeyringError};
use super::*;

/// The same house with a threshold of two, and the keys of three founders, of
/// whom this many are enrolled.
async fn of_two(enrolled: u8) -> (House, Arc<Lifecycle>, [SigningKey; 3]) {
    let house = House::new().await;
    let options = Options {
        founder_threshold: NonZeroUsize::new(2),
        ..Options::default()
    };
    let life = house.again(&options).await.unwrap();
    let keys = [1, 2, 3].map(|seed| House::founder(seed).0);
    let (_, first) = House::founder(1);
    life.enrol_founder(&first, "test").await.unwrap();
    for seed in 2..=enrolled {
        let signers: Vec<_> = keys.iter().take(usize::from(seed) - 1).collect();
        let envelope = keys_envelope(&life, &[seed], &[], &signers).await;
        assert!(life.rotate_founders(&envelope).await.unwrap().done);
    }
    (house, life, keys)
}

fn id(seed: u8) -> String {
    keys::id(&House::founder(seed).0.verifying_key())
}

/// An envelope of all `signers` that adds and revokes these keys.
async fn keys_envelope(
    life: &Lifecycle,
    add: &[u8],
    revoke: &[u8],
    signers: &[&SigningKey],
) -> Envelope {
    let founders = life.founders().await.unwrap().into_iter();
    let live = founders.filter(|key| !key.revoked).map(|key| key.id);
    let add = add.iter().map(|seed| House::founder(*seed).1).collect();
    let revoke = revoke.iter().map(|seed| id(*seed)).collect();
    let now = Timestamp::now();
    let window = (now, now + SignedDuration::from_mins(10));
    let statement = keyring::Statement::new(live.collect(), add, revoke, window).unwrap();
    let payload = serde_json::to_vec(&statement).unwrap();
    together(signers, keyring::PAYLOAD_TYPE, &payload)
}

fn together(signers: &[&SigningKey], kind: &str, payload: &[u8]) -> Envelope {
    let mut envelopes = signers.iter().map(|key| Envelope::sign(key, kind, payload));
    let mut envelope = envelopes.next().unwrap();
    envelope
        .signatures
        .extend(envelopes.flat_map(|e| e.signatures));
    envelope
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_waits_for_the_second_founder() {
    let (house, life, [one, two, three]) = of_two(2).await;
    let subject = house.propose_steep().await;
    let change = subject.change;
    let signed_by = |key: &SigningKey| signed(key, &statement(subject.clone()));
    let stranger = life.authorize(&signed_by(&three)).await;
    assert!(matches!(stranger, Err(AuthorizeError::Envelope(_))));
    // One founder twice is one founder.
    for _ in 0..2 {
        let Authorized::Waiting(waiting) = life.authorize(&signed_by(&one)).await.unwrap() else {
            panic!("one is not two");
        };
        assert_eq!(waiting.signatures, BTreeSet::from([id(1)]));
        assert_eq!(waiting.threshold, 2);
    }
    assert_eq!(life.active().load().active.number, 1);
    let Authorized::Active(carried) = life.authorize(&signed_by(&two)).await.unwrap() else {
        panic!("two are enough");
    };
    assert_eq!(carried.activated.generation, 2);
    assert_eq!(carried.signed.signatures, BTreeSet::from([id(1), id(2)]));
    let proposed = life.change(change).await.unwrap().unwrap();
    let signed = life.signed(&proposed).await.unwrap();
    assert_eq!(signed.signatures, BTreeSet::from([id(1), id(2)]));
    let events = house.events().await;
    let count = |name: &str| events.iter().filter(|event| *event == name).count();
    assert_eq!(count("policy.authorized"), 3, "each signature");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_envelope_may_bear_both_signatures() {
    let (house, life, [one, two, _]) = of_two(2).await;
    let payload = serde_json::to_vec(&statement(house.propose_steep().await)).unwrap();
    let envelope = together(&[&one, &two], PAYLOAD_TYPE, &payload);
    let done = life.authorize(&envelope).await.unwrap();
    assert!(matches!(done, Authorized::Active(_)), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_or_revoked_signature_counts_no_more() {
    let (house, life, [one, two, three]) = of_two(3).await;
    let subject = house.propose_steep().await;
    // Valid until the end of the clock skew, a second from now: longer where the
    // machine takes longer to read it.
    let mut seconds = 1;
    let waiting = loop {
        let end = Timestamp::now() - window::CLOCK_SKEW + SignedDuration::from_secs(seconds);
        let start = end - SignedDuration::from_mins(10);
        let short = Statement::new(subject.clone(), start, end).unwrap();
        match life.authorize(&signed(&one, &short)).await {
            Err(AuthorizeError::Window(WindowError::Expired(_))) if seconds < 60 => seconds *= 2,
            done => break done.unwrap(),
        }
    };
    assert!(matches!(waiting, Authorized::Waiting(_)));
    let gone = async || {
        let proposed = life.change(subject.change).await.unwrap().unwrap();
        life.signed(&proposed).await.unwrap().signatures.is_empty()
    };
    while !gone().await {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let waits = async |key: &SigningKey| {
        let envelope = signed(key, &statement(subject.clone()));
        let done = life.authorize(&envelope).await.unwrap();
        matches!(done, Authorized::Waiting(_))
    };
    assert!(waits(&two).await, "the first signature has expired");
    // The second founder is revoked before the third signs.
    let revoke = keys_envelope(&life, &[], &[2], &[&one, &three]).await;
    assert!(life.rotate_founders(&revoke).await.unwrap().done);
    assert!(waits(&three).await, "the second founder is revoked");
    assert!(!waits(&one).await, "the first and the third");
}

#[tokio::test(flavor = "multi_thread")]
async fn founders_change_their_keys_by_what_enough_of_them_sign() {
    let (house, life, [one, two, three]) = of_two(2).await;
    // A rotation, signed by one after the other.
    let first = keys_envelope(&life, &[3], &[1], &[&one]).await;
    let waiting = life.rotate_founders(&first).await.unwrap();
    assert!(!waiting.done && waiting.threshold == 2);
    let again = life.rotate_founders(&first).await;
    assert!(matches!(again, Err(RotateError::NonceUsed)));
    // A signature of something else does not count for it.
    let other = keys_envelope(&life, &[3], &[2], &[&two]).await;
    assert!(!life.rotate_founders(&other).await.unwrap().done);
    let second = keys_envelope(&life, &[3], &[1], &[&two]).await;
    let done = life.rotate_founders(&second).await.unwrap();
    assert!(done.done);
    let live: Vec<_> = life.founders().await.unwrap();
    let live: Vec<_> = live
        .iter()
        .filter(|key| !key.revoked)
        .map(|key| &*key.id)
        .collect();
    assert_eq!(live, [id(2), id(3)]);
    // Who was revoked signs nothing any more, and does not come back.
    let by_one = keys_envelope(&life, &[4], &[], &[&one, &two]).await;
    let waiting = life.rotate_founders(&by_one).await.unwrap();
    assert_eq!(waiting.signatures, BTreeSet::from([id(2)]));
    let back = keys_envelope(&life, &[1], &[], &[&two, &three]).await;
    let back = life.rotate_founders(&back).await.unwrap_err();
    assert!(matches!(back, RotateError::Keyring(KeyringError::Known(_))));
    let few = keys_envelope(&life, &[], &[2], &[&two, &three]).await;
    let few = life.rotate_founders(&few).await.unwrap_err();
    assert!(matches!(
        few,
        RotateError::Keyring(KeyringError::TooFew { .. })
    ));
    // What was signed for other keys is stale.
    let late = house.again(&Options::default()).await.unwrap();
    let stale = keys_envelope(&late, &[4], &[], &[&two]).await;
    let add = keys_envelope(&late, &[5], &[], &[&two]).await;
    assert!(
        late.rotate_founders(&add).await.unwrap().done,
        "one is enough"
    );
    let stale = late.rotate_founders(&stale).await.unwrap_err();
    assert!(matches!(stale, RotateError::Keyring(KeyringError::Stale)));
    house.events().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_of_one_kind_is_none_of_the_other() {
    let (house, life, [one, ..]) = of_two(1).await;
    let keys = keys_envelope(&life, &[2], &[], &[&one]).await;
    let refused = life.authorize(&keys).await;
    assert!(matches!(refused, Err(AuthorizeError::PayloadType(_))));
    let change = signed(&one, &statement(house.propose_steep().await));
    let refused = life.rotate_founders(&change).await;
    assert!(matches!(refused, Err(RotateError::PayloadType(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_keys_are_at_least_as_many_as_have_to_sign() {
    let house = House::new().await;
    let (_, pem) = House::founder(1);
    let options = |pem: String| Options {
        founder_keys: Some(pem),
        founder_threshold: NonZeroUsize::new(2),
        ..Options::default()
    };
    // The same key twice is one.
    let twice = house.again(&options(pem.repeat(2))).await;
    assert!(matches!(twice, Err(BootError::Founders(_))));
    let (_, other) = House::founder(2);
    let life = house.again(&options(pem + &other)).await.unwrap();
    let (key, _) = House::founder(1);
    let envelope = keys_envelope(&life, &[3], &[], &[&key]).await;
    let fixed = life.rotate_founders(&envelope).await;
    assert!(matches!(fixed, Err(RotateError::Fixed)));
}
