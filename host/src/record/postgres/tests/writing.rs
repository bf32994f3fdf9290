//! What is written, once, and in how many round trips.

use super::*;
use crate::record::RecordsUnavailable;

const REFUSED: Result<(), NotOpened> = Err(NotOpened::Unavailable(RecordsUnavailable::Refused));

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_batch_is_one_round_trip() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let calls: Vec<_> = (0..300)
        .map(|_| Opened {
            hold: Some(Hold::new(7, None, None)),
            ..writer.call()
        })
        .collect();
    let before = trips(&place, &writer, &session);
    let opened = commit(&mut session, calls.iter().map(open)).unwrap();
    assert!(opened.iter().all(Result::is_ok));
    let closes = calls.iter().map(|call| charged(call, true, Some(5)));
    commit(&mut session, closes).unwrap();
    assert_eq!(trips(&place, &writer, &session) - before, 2);

    let counts = "SELECT (SELECT count(*) FROM call_opened), (SELECT count(*) FROM call_closed)";
    assert_eq!(place.numbers(counts), [300, 300]);
    let account = "SELECT available_nanousd, held_nanousd, charged_nanousd FROM ledger_accounts";
    assert_eq!(place.numbers(account), [-1_500, 0, 1_500]);
    let day = "SELECT sum(charged_nanousd), sum(held_nanousd) FROM ledger_days";
    assert_eq!(place.numbers(day), [1_500, 0]);
    assert_chain(&place, writer.chain, 600);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn what_has_failed_before_is_left_out() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let calls = [writer.call(), writer.call()];
    let mut batch = batch(calls.iter().map(open));
    batch.results[0] = REFUSED;
    session.commit(&mut batch).unwrap();
    assert_eq!(batch.results, [REFUSED, Ok(())]);
    let before = trips(&place, &writer, &session);
    batch.results[1] = REFUSED;
    session.commit(&mut batch).unwrap();
    let after = trips(&place, &writer, &session);
    assert_eq!(after, before, "nothing to write");
    assert_eq!(place.number("SELECT count(*) FROM call_opened"), 1);
    assert_chain(&place, writer.chain, 1);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn nothing_is_written_twice() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let call = || Opened {
        hold: Some(Hold::new(7, None, None)),
        ..writer.call()
    };
    let (first, second, unknown) = (call(), call(), call());
    commit(&mut session, [open(&first), charged(&first, true, Some(5))]).unwrap();
    // The first is there; the second twice; and one that was never opened.
    let results = commit(
        &mut session,
        [
            open(&first),
            charged(&first, true, Some(5)),
            open(&second),
            open(&second),
            close(&second, false),
            close(&second, true),
            close(&unknown, false),
        ],
    )
    .unwrap();
    assert_eq!(
        results,
        [REFUSED, Ok(()), Ok(()), REFUSED, Ok(()), Ok(()), Ok(())]
    );
    let counts = "SELECT (SELECT count(*) FROM call_opened), (SELECT count(*) FROM call_closed)";
    assert_eq!(place.numbers(counts), [2, 2]);
    let account = "SELECT available_nanousd, held_nanousd, charged_nanousd FROM ledger_accounts";
    assert_eq!(place.numbers(account), [-5, 0, 5]);
    assert_chain(&place, writer.chain, 4);

    // Sure or not: what is closed stays as it is.
    for sure in [true, false] {
        let closed = commit(&mut session, [charged(&first, sure, Some(9))]).unwrap();
        assert_eq!(closed, [Ok(())]);
    }
    assert_eq!(place.numbers(account), [-5, 0, 5]);
    assert_chain(&place, writer.chain, 4);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_text_with_a_nul_is_no_reason_to_lose_a_call() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let call = Opened {
        requested: "a\0b".to_owned(),
        ..writer.call()
    };
    assert_eq!(commit(&mut session, [open(&call)]).unwrap(), [Ok(())]);
    assert_eq!(
        place.text("SELECT requested FROM call_opened"),
        "a\u{fffd}b"
    );
    let body = place.text("SELECT body FROM audit_log");
    assert!(body.contains(r#""model":"a\u0000b""#), "{body}");
    assert_chain(&place, writer.chain, 1);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_key_of_another_writer_opens_nothing() {
    let place = Place::new();
    let (writer, other) = (Writer::of(&place), Writer::of(&place));
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let results = commit(&mut session, [open(&other.call())]).unwrap();
    let unavailable = NotOpened::Unavailable(RecordsUnavailable::Database);
    assert_eq!(results, [Err(unavailable)]);
    assert_eq!(place.number("SELECT count(*) FROM call_opened"), 0);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_bad_row_is_found_among_many() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    place.run(
        "CREATE FUNCTION bad() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN RAISE check_violation USING MESSAGE = 'no such model'; END $$;
         CREATE TRIGGER bad BEFORE INSERT ON call_opened FOR EACH ROW
             WHEN (new.requested LIKE 'bad%') EXECUTE FUNCTION bad()",
    );
    let calls: Vec<_> = (0..41)
        .map(|number| Opened {
            requested: if number % 10 == 5 { "bad" } else { "m" }.to_owned(),
            ..writer.limited(0)
        })
        .collect();
    let mut batch = batch(calls.iter().map(open));
    let mut bad = Vec::new();
    loop {
        match session.commit(&mut batch) {
            Ok(()) => break,
            Err(Failed::Row(place, _)) => {
                bad.push(place);
                batch.results[place] = REFUSED;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    bad.sort_unstable();
    assert_eq!(bad, [5, 15, 25, 35]);
    assert_eq!(place.number("SELECT count(*) FROM call_opened"), 37);
    assert_chain(&place, writer.chain, 37);
}
