//! What calls are held against.

use super::*;
use crate::record::Shortfall;

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_limited_batch_is_four_round_trips() {
    let place = Place::new();
    place.give(1, 10);
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let calls: Vec<_> = (0..3).map(|_| writer.limited(4)).collect();
    let before = trips(&place, &writer, &session);
    let results = commit(&mut session, calls.iter().map(open)).unwrap();
    assert_eq!(trips(&place, &writer, &session) - before, 4);
    let short = Shortfall::Funds { needed: 4, left: 2 };
    assert_eq!(results, [Ok(()), Ok(()), Err(short.into())]);
    let counts = "SELECT (SELECT count(*) FROM call_opened), (SELECT count(*) FROM call_closed)";
    assert_eq!(place.numbers(counts), [3, 1]);
    let account = "SELECT available_nanousd, held_nanousd FROM ledger_accounts";
    assert_eq!(place.numbers(account), [2, 8]);
    assert_chain(&place, writer.chain, 3);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_day_has_a_cap() {
    let place = Place::new();
    let writer = Writer::of(&place);
    let runtime = runtime();
    let mut session = writer.connect(&runtime).unwrap();
    let at_us = now_us();
    let call = || Opened {
        at_us,
        hold: Some(Hold::new(4, None, Some(10))),
        ..writer.call()
    };
    let (one, two, three) = (call(), call(), call());
    let results = commit(&mut session, [&one, &two].map(open)).unwrap();
    assert_eq!(results, [Ok(()), Ok(())]);
    commit(&mut session, [charged(&one, true, Some(1))]).unwrap();
    let results = commit(&mut session, [&three, &call()].map(open)).unwrap();
    let short = Shortfall::DayCap { needed: 4, left: 1 };
    assert_eq!(results, [Ok(()), Err(short.into())]);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn two_writers_never_spend_the_same_money() {
    let place = Place::new();
    place.give(1, 100);
    let writers = [Writer::of(&place), Writer::of(&place)];
    let opened: usize = std::thread::scope(|scope| {
        let threads = writers.iter().map(|writer| {
            scope.spawn(|| {
                let runtime = runtime();
                let mut session = writer.connect(&runtime).unwrap();
                let mut opened = 0;
                for size in [1, 7, 3, 12, 1, 8] {
                    let calls: Vec<_> = (0..size).map(|_| writer.limited(10)).collect();
                    let results = commit(&mut session, calls.iter().map(open)).unwrap();
                    opened += results.iter().filter(|result| result.is_ok()).count();
                }
                opened
            })
        });
        let threads: Vec<_> = threads.collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(opened, 10, "of 64 calls as many as there is money for");
    let account = "SELECT available_nanousd, held_nanousd FROM ledger_accounts";
    assert_eq!(place.numbers(account), [0, 100]);
    let counts = "SELECT (SELECT count(*) FROM call_opened), (SELECT count(*) FROM call_closed)";
    assert_eq!(place.numbers(counts), [64, 54]);
    for writer in &writers {
        assert_chain(&place, writer.chain, 32);
    }
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn writers_of_many_tenants_are_never_in_each_others_way() {
    let place = &Place::new();
    let writers = [Writer::of(place), Writer::of(place), Writer::of(place)];
    let limited = |number: usize| number.is_multiple_of(3);
    std::thread::scope(|scope| {
        for (first, writer) in writers.iter().enumerate() {
            scope.spawn(move || {
                let runtime = runtime();
                let mut session = writer.connect(&runtime).unwrap();
                let before = trips(place, writer, &session);
                let mut expected = 0;
                for round in 0..40 {
                    let calls = (0..12).map(|place| {
                        let tenant = (round * 5 + place * 7 + first * 4) % 12;
                        let limit = limited(round).then_some(1_000_000);
                        Opened {
                            tenant: TenantId(Key(tenant as i64)),
                            agent: AgentId(Key(100 - tenant as i64)),
                            hold: Some(Hold::new(1, limit, None)),
                            ..writer.call()
                        }
                    });
                    let calls: Vec<_> = calls.collect();
                    let results = commit(&mut session, calls.iter().map(open)).unwrap();
                    assert!(results.iter().all(Result::is_ok));
                    expected += if limited(round) { 4 } else { 1 };
                }
                assert_eq!(
                    trips(place, writer, &session) - before,
                    expected,
                    "no deadlock was tried again"
                );
            });
        }
    });
    let held = "SELECT sum(held_nanousd) FROM ledger_accounts";
    assert_eq!(place.number(held), 3 * 40 * 12);
}

#[test]
#[ignore = "needs AINFERA_TEST_POSTGRES"]
fn a_deadlock_is_tried_again() {
    // It is looked for once, a second after the writer began to wait.
    let found = (0..10).any(|_| deadlock_in_time());
    assert!(found, "the other one never came in time");
}

/// False where the other transaction came too late to be in the writer's way.
fn deadlock_in_time() -> bool {
    let place = Place::new();
    for tenant in [1, 2] {
        place.give(tenant, 100);
    }
    let writer = Writer::of(&place);
    let mut outside = Outside::of(&place);
    // It is patient: the writer is the one that finds the deadlock.
    outside.run("SET deadlock_timeout = '30s'; BEGIN");
    outside.run("UPDATE ledger_accounts SET available_nanousd = 50 WHERE tenant = 2");
    let results = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let runtime = runtime();
            let mut session = writer.connect(&runtime).unwrap();
            let calls = [1, 2].map(|tenant| Opened {
                tenant: TenantId(Key(tenant)),
                ..writer.limited(60)
            });
            commit(&mut session, calls.iter().map(open))
        });
        place.await_lock(&writing);
        outside.run("UPDATE ledger_accounts SET available_nanousd = 70 WHERE tenant = 1");
        outside.run("COMMIT");
        writing.join().unwrap()
    });
    if results.as_ref().is_err_and(is_late) {
        return false;
    }
    let short = Shortfall::Funds {
        needed: 60,
        left: 50,
    };
    assert_eq!(results.unwrap(), [Ok(()), Err(short.into())]);
    let left = "SELECT min(available_nanousd), max(available_nanousd) FROM ledger_accounts";
    assert_eq!(place.numbers(left), [10, 50]);
    true
}
