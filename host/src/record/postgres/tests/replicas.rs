//! A writer that others take for dead.

use super::*;

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_writer_that_was_taken_for_dead_writes_nothing() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let call = writer.call();
    commit(&mut session, [open(&call)]).unwrap();
    place.run("UPDATE writers SET expired_us = (SELECT us FROM clock)");
    for writes in [
        vec![open(&writer.call()), close(&call, true)],
        vec![open(&writer.limited(0))],
    ] {
        let error = commit(&mut session, writes).unwrap_err();
        assert!(
            matches!(error, Failed::Database(Broken::Expired)),
            "{error:?}"
        );
    }
    assert!(matches!(session.touch(None), Err(Broken::Expired)));
    assert!(matches!(writer.connect(&runtime), Err(Broken::Expired)));
    assert_chain(&place, writer.chain, 1);
    assert_eq!(place.number("SELECT count(*) FROM call_opened"), 1);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn the_end_of_a_writer_is_written() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let seen = || place.number("SELECT seen_us FROM writers");
    let first = seen();
    session.touch(None).unwrap();
    assert!(seen() > first);
    assert!(session.heartbeat().unwrap() <= std::time::Duration::from_secs(2));
    session.touch(Some(77)).unwrap();
    assert_eq!(place.number("SELECT ended_us FROM writers"), 77);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn whoever_takes_a_writer_for_dead_sees_its_last_commit() {
    // A commit waits two seconds for a lock, mostly longer than what is done meanwhile.
    let seen = (0..10).find_map(|_| seen_of_a_last_commit());
    assert_eq!(seen, Some(1));
}

/// How many calls who marks the writer sees; none where its commit was given up.
fn seen_of_a_last_commit() -> Option<i64> {
    let place = Place::new();
    let writer = Writer::of(&place);
    let call = Opened {
        hold: Some(Hold::new(1, None, None)),
        ..writer.call()
    };
    place.give(1, 0);
    let mut outside = Outside::of(&place);
    outside.run("BEGIN; SELECT * FROM ledger_accounts FOR UPDATE");
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let runtime = runtime();
            let mut session = writer.connect(&runtime).unwrap();
            commit(&mut session, [open(&call)])
        });
        // In the midst of its commit, while the mark is made.
        place.await_lock(&writing);
        let marking = scope.spawn(|| {
            place.number(
                "WITH marked AS (UPDATE writers SET expired_us = 1 RETURNING 1)
                 SELECT count(*) FROM marked",
            );
            place.number("SELECT count(*) FROM call_opened")
        });
        std::thread::sleep(std::time::Duration::from_millis(200));
        let waits = !marking.is_finished();
        outside.run("ROLLBACK");
        let written = writing.join().unwrap();
        let seen = marking.join().unwrap();
        if written.as_ref().is_err_and(is_late) {
            return None;
        }
        assert!(waits, "it waits for the commit");
        assert_eq!(written.unwrap(), [Ok(())]);
        Some(seen)
    })
}
