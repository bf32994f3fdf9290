//! The ledger, against a reference that is plain sums; and many at once for the
//! same money.

mod model;

use futures_util::future::join_all;
use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::super::{Hold, NotOpened, Outcome, Shortfall};
use super::{AGENT, Place, TENANT, routed};
use crate::ledger::verify;
use crate::store::now_us;
use model::{Step, World, limits, step};

#[tokio::test]
async fn of_many_at_once_as_many_are_opened_as_there_is_money_for() {
    let place = Place::new();
    let (store, records) = place.start().await;
    let at_us = now_us();
    for (credit_limit, day_cap) in [(Some(1_000), None), (None, Some(2_000))] {
        let opened = || {
            let mut opened = routed(&records);
            opened.at_us = at_us;
            opened.hold = Some(Hold::new(100, credit_limit, day_cap));
            opened
        };
        let opens = (0..64).map(|_| records.open(opened()));
        let (open, short): (Vec<_>, Vec<_>) =
            join_all(opens).await.into_iter().partition(Result::is_ok);
        assert_eq!((open.len(), short.len()), (10, 54));
        for refused in short {
            let why = refused.unwrap_err();
            let expected = match credit_limit {
                Some(_) => Shortfall::Funds {
                    needed: 100,
                    left: 0,
                },
                None => Shortfall::DayCap {
                    needed: 100,
                    left: 0,
                },
            };
            assert_eq!(why, NotOpened::Short(expected));
        }
        for call in open {
            let mut call = call.unwrap();
            call.progress().cost_nanousd = Some(100);
            call.close(Outcome::succeeded()).await.unwrap();
        }
    }
    records.flush().await.unwrap();
    let report = verify(&store).await.unwrap();
    assert_eq!(report.problems, []);
    assert_eq!((report.calls, report.pending), (128, 0));
    let account = model::account(&store, TENANT).await;
    assert_eq!(
        (
            account.available_nanousd,
            account.held_nanousd,
            account.charged_nanousd
        ),
        (-2_000, 0, 2_000)
    );
    let spent: (i64, i64) = place
        .outside()
        .query_row(
            "SELECT charged_nanousd, held_nanousd FROM ledger_days WHERE agent = ?",
            [AGENT.0.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(spent, (2_000, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn balances_and_refusals_are_as_in_the_model(
        limits in limits(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        Runtime::new().unwrap().block_on(async {
            let mut world = World::new(limits).await;
            for step in steps {
                world.act(step).await;
            }
            world.compare().await;
            world.act(Step::Restart).await;
            world.compare().await;
        });
    }
}
