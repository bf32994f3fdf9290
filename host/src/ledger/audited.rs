//! Whether the audit has the amounts that the ledger has, both of any size and
//! in different orders, in constant memory.
//!
//! Each amount is hashed with what it is of, under a key of this run alone, and
//! added to one of many sums on the one side, taken from it on the other. What
//! is equal leaves 0 everywhere. Where it does not, a second look at one sum's
//! share names the first amount that differs.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize;

use crate::catalog::NanoUsd;
use crate::record::audit::EventName;
use crate::store::Key;
use crate::store::TopUpId;

/// How many sums.
const SUMS: usize = 1 << 16;

/// What an amount is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Of {
    Hold(Key),
    Charge(Key),
    TopUp(Key),
}

impl Of {
    /// Which sum it belongs to.
    fn share(self) -> usize {
        let (Self::Hold(key) | Self::Charge(key) | Self::TopUp(key)) = self;
        // Fibonacci hashing: keys that follow each other are spread.
        let spread = key.0.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(spread >> 48).unwrap_or_default() % SUMS
    }
}

/// The sums.
pub(super) struct Comparison {
    hash: RandomState,
    sums: Vec<u64>,
}

impl Comparison {
    pub(super) fn new() -> Self {
        Self {
            hash: RandomState::new(),
            sums: vec![0; SUMS],
        }
    }

    /// The ledger has this amount.
    pub(super) fn ledger(&mut self, of: Of, nanousd: i64) {
        let hash = self.hash.hash_one((of, nanousd));
        if let Some(sum) = self.sums.get_mut(of.share()) {
            *sum = sum.wrapping_add(hash);
        }
    }

    /// The audit has it.
    pub(super) fn audit(&mut self, of: Of, nanousd: i64) {
        let hash = self.hash.hash_one((of, nanousd));
        if let Some(sum) = self.sums.get_mut(of.share()) {
            *sum = sum.wrapping_sub(hash);
        }
    }

    /// Where to look for what differs, and how many such places there are; none
    /// where nothing does.
    pub(super) fn differs(&self) -> Option<(Look, u64)> {
        let wrong = || self.sums.iter().enumerate().filter(|(_, sum)| **sum != 0);
        let (share, _) = wrong().next()?;
        let look = Look {
            share,
            amounts: BTreeMap::new(),
        };
        Some((look, wrong().count() as u64))
    }
}

/// A look at the amounts of one sum.
pub(super) struct Look {
    share: usize,
    /// What the ledger has, and what the audit.
    amounts: BTreeMap<Of, (Option<i64>, Option<i64>)>,
}

impl Look {
    pub(super) fn ledger(&mut self, of: Of, nanousd: i64) {
        if of.share() == self.share {
            self.amounts.entry(of).or_default().0 = Some(nanousd);
        }
    }

    pub(super) fn audit(&mut self, of: Of, nanousd: i64) {
        if of.share() == self.share {
            self.amounts.entry(of).or_default().1 = Some(nanousd);
        }
    }

    /// The first amount that differs, in words.
    pub(super) fn first(&self) -> String {
        let differs = |(_, (ledger, audit)): &(&Of, &(Option<i64>, Option<i64>))| ledger != audit;
        let Some((of, (ledger, audit))) = self.amounts.iter().find(differs) else {
            return "an amount stands in the audit more than once".to_owned();
        };
        let usd = |amount: &Option<i64>| match amount {
            Some(amount) => format!("{} USD", NanoUsd(*amount)),
            None => "none".to_owned(),
        };
        let what = match of {
            Of::Hold(key) => format!("the hold of call {}", key.request_id()),
            Of::Charge(key) => format!("the charge of call {}", key.request_id()),
            Of::TopUp(key) => format!("the amount of {}", TopUpId(*key)),
        };
        format!(
            "{what}: the ledger has {}, the audit {}",
            usd(ledger),
            usd(audit)
        )
    }
}

#[derive(Deserialize)]
struct Body<'a> {
    event: &'a str,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    request: Option<&'a str>,
    hold_nanousd: Option<i64>,
    charged_nanousd: Option<i64>,
    top_up: Option<&'a str>,
    amount_usd: Option<&'a str>,
}

/// The amount that an audit event has, and of what. What is no such event has
/// none: whether events are as they were written is for `audit verify`.
pub(super) fn amount(body: &[u8]) -> Option<(Of, i64)> {
    let Body { event, data } = serde_json::from_slice(body).ok()?;
    let call = || Key::parse("req_", data.request?).ok();
    match event.parse().ok()? {
        EventName::InferenceRouted => Some((Of::Hold(call()?), data.hold_nanousd?)),
        EventName::InferenceCompleted => Some((Of::Charge(call()?), data.charged_nanousd?)),
        EventName::LedgerToppedUp => {
            let top_up: TopUpId = data.top_up?.parse().ok()?;
            let amount = Decimal::from_str_exact(data.amount_usd?).ok()?;
            let nanousd = amount.checked_mul(Decimal::from(1_000_000_000))?.to_i64()?;
            Some((Of::TopUp(top_up.0), nanousd))
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_order_does_not_matter_and_any_difference_does() {
        let amounts: Vec<_> = (0..1_000)
            .map(|key| (Of::Hold(Key(key << 12)), key))
            .collect();
        let mut all = Comparison::new();
        for (of, nanousd) in &amounts {
            all.ledger(*of, *nanousd);
        }
        for (of, nanousd) in amounts.iter().rev() {
            all.audit(*of, *nanousd);
        }
        assert!(all.differs().is_none());
        all.ledger(Of::Charge(Key(7 << 12)), 5);
        all.audit(Of::Charge(Key(7 << 12)), 6);
        let (mut look, places) = all.differs().unwrap();
        assert_eq!(places, 1);
        for (of, nanousd) in amounts {
            look.ledger(of, nanousd);
            look.audit(of, nanousd);
        }
        look.ledger(Of::Charge(Key(7 << 12)), 5_000_000);
        look.audit(Of::Charge(Key(7 << 12)), 6_000_000);
        assert_eq!(
            look.first(),
            "the charge of call req_0000000000007000: the ledger has 0.005 USD, the audit 0.006 USD"
        );
    }

    #[test]
    fn amounts_are_read_from_events() {
        let routed = br#"{"data":{"hold_nanousd":7,"model":"m","request":"req_000000000000002a"},"event":"inference.routed"}"#;
        assert_eq!(amount(routed), Some((Of::Hold(Key(42)), 7)));
        let paid = br#"{"data":{"amount_usd":"-0.5","top_up":"top_000000000000002a"},"event":"ledger.topped_up"}"#;
        assert_eq!(amount(paid), Some((Of::TopUp(Key(42)), -500_000_000)));
        for none in [
            &br#"{"data":{"request":"req_000000000000002a"},"event":"inference.completed"}"#[..],
            br#"{"data":{"hold_nanousd":7},"event":"gate.changed"}"#,
            b"x",
        ] {
            assert_eq!(amount(none), None);
        }
    }
}
