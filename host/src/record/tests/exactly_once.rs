//! Whatever becomes of a call, it is closed exactly once.

use std::future::Future as _;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::super::{Outcome, Progress, Records, Status};
use super::{Place, routed};
use crate::store::calls;

/// What a caller does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Closes,
    Drops,
    Panics,
    /// Gives up before the opened row is committed.
    LeavesEarly,
    /// Gives up before the close is committed.
    LeavesLate,
    IsRefused,
}

impl Act {
    fn status(self) -> &'static str {
        match self {
            Self::Closes | Self::LeavesLate => "succeeded",
            Self::Drops | Self::LeavesEarly => "cancelled",
            Self::Panics => "failed",
            Self::IsRefused => "rejected_floor",
        }
    }
}

async fn act(records: Records, act: Act, naps: usize) {
    let opened = routed(&records);
    match act {
        Act::IsRefused => {
            let outcome = Outcome::because(Status::RejectedFloor, "floor");
            records
                .refuse(opened, outcome, Progress::default())
                .await
                .unwrap();
            return;
        }
        Act::LeavesEarly => {
            let mut open = Box::pin(records.open(opened));
            let polled = open.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            // Where the writer was faster: what is opened is dropped all the same.
            if let Poll::Ready(opened) = polled {
                drop(opened.unwrap());
            }
            return;
        }
        _ => {}
    }
    let call = records.open(opened).await.unwrap();
    for _ in 0..naps {
        tokio::task::yield_now().await;
    }
    match act {
        Act::Closes => call.close(Outcome::succeeded()).await.unwrap(),
        Act::LeavesLate => {
            let mut close = Box::pin(call.close(Outcome::succeeded()));
            let polled = close.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if let Poll::Ready(closed) = polled {
                closed.unwrap();
            }
        }
        Act::Panics => panic!("a call that panics, as this test wants"),
        _ => drop(call),
    }
}

fn acts() -> impl Strategy<Value = Vec<(Act, usize)>> {
    let act = prop_oneof![
        Just(Act::Closes),
        Just(Act::Drops),
        Just(Act::Panics),
        Just(Act::LeavesEarly),
        Just(Act::LeavesLate),
        Just(Act::IsRefused),
    ];
    prop::collection::vec((act, 0usize..4), 1..60)
}

async fn every_call_is_closed_once(place: Place, acts: Vec<(Act, usize)>) {
    let (store, records) = place.start().await;
    let calls: Vec<_> = acts
        .iter()
        .map(|&(what, naps)| tokio::spawn(act(records.clone(), what, naps)))
        .collect();
    for call in calls {
        // Some panic, as they should.
        let _ = call.await;
    }
    records.flush().await.unwrap();

    let mut expected = std::collections::BTreeMap::<_, i64>::new();
    for (act, _) in &acts {
        *expected.entry(act.status().to_owned()).or_default() += 1;
    }
    let counts = calls::counts(&store).await.unwrap();
    assert_eq!(counts, expected.into_iter().collect::<Vec<_>>());

    let stats = records.stats();
    let count = acts.len() as u64;
    assert_eq!((stats.opened, stats.closed), (count, count));
    assert_eq!((stats.pending, stats.kept), (0, 0));
    let refused = acts.iter().filter(|(act, _)| matches!(act, Act::IsRefused));
    let events = "SELECT count(*) FROM audit_events WHERE chain = 1";
    let expected = 2 * acts.len() - refused.count();
    assert_eq!(place.number(events).await, expected as i64);
    records.stop().await;
}

fn runtime(workers: usize) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn sqlite(acts in acts(), workers in 1usize..3) {
        runtime(workers).block_on(every_call_is_closed_once(Place::new(), acts));
    }

    #[test]
    #[ignore = "needs AINFERA_TEST_POSTGRES"]
    fn postgres(acts in acts(), workers in 1usize..3) {
        runtime(workers).block_on(async {
            every_call_is_closed_once(Place::server().await, acts).await;
        });
    }
}
