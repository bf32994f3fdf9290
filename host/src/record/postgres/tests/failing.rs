//! A server, or a network, that fails.

use std::time::{Duration, Instant};

use super::proxy::{Mode, Proxy};
use super::*;

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_connection_that_ended_commits_nothing() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let (one, two) = (writer.call(), writer.call());
    commit(&mut session, [open(&one)]).unwrap();
    place.cut();
    let error = commit(&mut session, [open(&two)]).unwrap_err();
    assert!(matches!(error, Failed::InDoubt(_)), "{error:?}");
    let mut session = writer.connect(&runtime).unwrap();
    commit(&mut session, [close(&one, true), close(&two, false)]).unwrap();
    let counts = "SELECT (SELECT count(*) FROM call_opened), (SELECT count(*) FROM call_closed)";
    assert_eq!(place.numbers(counts), [1, 1]);
    assert_chain(&place, writer.chain, 2);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_commit_without_an_answer_is_in_doubt_and_found_again() {
    let place = Place::new();
    let mut writer = Writer::of(&place);
    let proxy = Proxy::before(&writer.options);
    writer.options = proxy.options(&writer.options);
    let runtime = runtime();
    for hold in [None, Some(Hold::new(1, Some(10), None))] {
        let mut session = writer.connect(&runtime).unwrap();
        let call = Opened {
            hold,
            ..writer.call()
        };
        // With a limit the answer that is lost is the first of four: before that
        // nothing can be committed.
        proxy.set(Mode::LosesAnswers);
        let error = commit(&mut session, [open(&call)]).unwrap_err();
        proxy.set(Mode::Passes);
        let doubt = matches!(error, Failed::InDoubt(_));
        assert_eq!(doubt, hold.is_none(), "{error:?}");
        let mut session = writer.connect(&runtime).unwrap();
        commit(&mut session, [close(&call, false)]).unwrap();
        let pending = "SELECT count(*) FROM call_opened o
                       LEFT JOIN call_closed c ON c.key = o.key WHERE c.key IS NULL";
        assert_eq!(place.number(pending), 0);
    }
    // Only the first was made, and undone.
    assert_eq!(place.number("SELECT count(*) FROM call_closed"), 1);
    assert_chain(&place, writer.chain, 2);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_server_that_does_not_answer_is_given_up() {
    let place = Place::new();
    let mut writer = Writer::of(&place);
    let proxy = Proxy::before(&writer.options);
    writer.options = proxy.options(&writer.options);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let call = writer.call();
    proxy.set(Mode::Frozen);
    let began = Instant::now();
    let error = commit(&mut session, [open(&call)]).unwrap_err();
    assert!(matches!(error, Failed::InDoubt(Broken::Late)), "{error:?}");
    let again = writer.connect_once(&runtime);
    assert!(matches!(again, Err(Broken::Late)));
    assert!(began.elapsed() < Duration::from_secs(30));
    // The old statement still arrives: it is the end of its connection, or is
    // seen by the next.
    proxy.set(Mode::Passes);
    let mut session = writer.connect(&runtime).unwrap();
    commit(&mut session, [close(&call, false)]).unwrap();
    let pending = "SELECT count(*) FROM call_opened o
                   LEFT JOIN call_closed c ON c.key = o.key WHERE c.key IS NULL";
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(place.number(pending), 0);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_connection_before_is_ended_in_the_midst_of_its_commit() {
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
        place.await_lock(&writing);
        let runtime = runtime();
        let mut next = writer.connect(&runtime).unwrap();
        assert!(writing.join().unwrap().is_err());
        outside.run("ROLLBACK");
        assert_eq!(place.number("SELECT count(*) FROM call_opened"), 0);
        commit(&mut next, [close(&call, false), open(&writer.call())]).unwrap();
    });
    assert_chain(&place, writer.chain, 1);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_database_that_only_reads_is_none() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let name = place.text("SELECT current_database()");
    place.run(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on"
    ));
    place.cut();
    assert!(commit(&mut session, [open(&writer.call())]).is_err());
    let Err(error) = writer.connect(&runtime) else {
        panic!("connected")
    };
    assert!(error.to_string().contains("read-only"), "{error}");
    let back = format!("SET transaction_read_only = off; ALTER DATABASE {name} RESET ALL");
    place.run(&back);
    let mut session = writer.connect(&runtime).unwrap();
    commit(&mut session, [open(&writer.call())]).unwrap();
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_lock_is_not_waited_for_longer_than_calls_can_wait() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let mut outside = Outside::of(&place);
    outside.run("BEGIN; LOCK call_opened IN EXCLUSIVE MODE");
    let error = commit(&mut session, [open(&writer.call())]).unwrap_err();
    // The server says so, and before it is given up itself.
    assert!(is_late(&error), "{error:?}");
}
