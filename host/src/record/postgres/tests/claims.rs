//! Idempotency keys.

use super::*;
use crate::record::{Claim, Kept};
use crate::store::Digest;

fn claiming(writer: &Writer, key: &str) -> Opened {
    Opened {
        claim: Some(Claim {
            scope: Digest::of(key.as_bytes()),
            body: Digest::of(b"body"),
            expires_us: now_us() + 60_000_000,
        }),
        ..writer.call()
    }
}

const CLAIMED: Result<(), NotOpened> = Err(NotOpened::Claimed);

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_key_is_had_by_one_call() {
    let place = Place::new();
    let (writer, other) = (Writer::of(&place), Writer::of(&place));
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let mut beside = other.connect(&runtime).unwrap();
    let (one, two) = (claiming(&writer, "a"), claiming(&writer, "a"));
    let results = commit(&mut session, [open(&one), open(&two)]).unwrap();
    assert_eq!(results, [Ok(()), CLAIMED]);
    let results = commit(&mut beside, [open(&claiming(&other, "a"))]).unwrap();
    assert_eq!(results, [CLAIMED]);
    assert_chain(&place, writer.chain, 1);
    assert_chain(&place, other.chain, 0);
    assert_eq!(place.number("SELECT count(*) FROM call_opened"), 1);

    // Given back with a close that keeps nothing.
    let before = trips(&place, &writer, &session);
    commit(&mut session, [close(&one, true)]).unwrap();
    assert_eq!(trips(&place, &writer, &session) - before, 1);
    assert_eq!(place.number("SELECT count(*) FROM idempotency_keys"), 0);
    let again = claiming(&other, "a");
    assert_eq!(commit(&mut beside, [open(&again)]).unwrap(), [Ok(())]);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn an_answer_is_kept_until_its_time_is_over() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let call = claiming(&writer, "a");
    commit(&mut session, [open(&call)]).unwrap();
    let mut write = close(&call, true);
    if let crate::record::message::Rows::Closed { closed, .. } = &mut write.rows {
        closed.kept = Some(Kept {
            head: "{}".to_owned(),
            body: vec![0, 255].into(),
        });
    }
    commit(&mut session, [write]).unwrap();
    let kept = "SELECT head || encode(answer, 'hex') FROM idempotency_keys";
    assert_eq!(place.text(kept), "{}00ff");
    let late = claiming(&writer, "a");
    assert_eq!(commit(&mut session, [open(&late)]).unwrap(), [CLAIMED]);

    place.run("UPDATE idempotency_keys SET expires_us = 1");
    assert_eq!(commit(&mut session, [open(&late)]).unwrap(), [Ok(())]);
    let taken = "SELECT call, (answer IS NULL)::int FROM idempotency_keys";
    assert_eq!(place.numbers(taken), [late.key.0, 1]);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_call_without_money_gives_its_key_back() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let call = Opened {
        hold: Some(Hold::new(1, Some(0), None)),
        ..claiming(&writer, "a")
    };
    let results = commit(&mut session, [open(&call)]).unwrap();
    assert!(matches!(results[..], [Err(NotOpened::Short(_))]));
    assert_eq!(place.number("SELECT count(*) FROM idempotency_keys"), 0);
    assert_eq!(place.number("SELECT count(*) FROM call_closed"), 1);
}
