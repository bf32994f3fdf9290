//! Counting while decisions go by.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::basis::Basis;
use super::found::{Breakdown, Chosen, Compared, Example, Flow, OfAgent, Shown, Tally};
use super::outcome::{Difference, Outcome};
use crate::routing::decide::{Ranked, Recorded};

/// Agents and flows that are listed.
const LISTED: usize = 50;
/// Examples that are kept.
const EXAMPLES: usize = 20;
/// Digits of a mean after the point.
const MEAN_DIGITS: u32 = 6;

/// What two sets make of one call.
#[derive(Clone)]
pub(in crate::lifecycle) struct Pair<'a> {
    pub(in crate::lifecycle) before: Outcome<'a>,
    pub(in crate::lifecycle) after: Outcome<'a>,
    pub(in crate::lifecycle) difference: Difference,
}

impl<'a> Pair<'a> {
    pub(in crate::lifecycle) fn of(before: Outcome<'a>, after: Outcome<'a>) -> Self {
        let difference = Difference::between(&before, &after);
        Self {
            before,
            after,
            difference,
        }
    }

    pub(in crate::lifecycle) fn example(&self, request_id: &str, basis: &Basis<'_>) -> Example {
        let shown = |outcome: &Outcome<'_>| Shown {
            target: outcome.target.as_deref().map(str::to_owned),
            floor: outcome.floor.map(|floor| floor.to_string()),
            offer: outcome.offer().map(str::to_owned),
            refused: outcome.choice.as_ref().err().copied(),
        };
        Example {
            request_id: request_id.to_owned(),
            preference: basis.word().to_owned(),
            base: basis.base.to_string(),
            before: shown(&self.before),
            after: shown(&self.after),
        }
    }
}

/// Sums of what was chosen.
#[derive(Default)]
struct Sum {
    offers: u64,
    nanousd: i128,
    quality: Decimal,
}

impl Sum {
    fn note(&mut self, chosen: &Recorded<'_>) {
        self.offers += 1;
        self.nanousd += i128::from(chosen.estimate().0);
        // A million qualities of 18 digits fit.
        self.quality = self.quality.saturating_add(chosen.quality());
    }

    fn finish(&self) -> Chosen {
        let usd = Decimal::try_from_i128_with_scale(self.nanousd, 9).unwrap_or(Decimal::MAX);
        let mean = self.quality.checked_div(Decimal::from(self.offers));
        Chosen {
            offers: self.offers,
            cost_usd: usd.normalize().to_string(),
            quality: mean.map(|mean| mean.round_dp(MEAN_DIGITS).normalize().to_string()),
        }
    }
}

/// A [`Tally`] that is being counted.
#[derive(Default)]
pub(in crate::lifecycle) struct Counting {
    tally: Tally,
    before: Sum,
    after: Sum,
}

impl Counting {
    pub(in crate::lifecycle) fn note(&mut self, pair: &Pair<'_>) {
        let Difference {
            name,
            floor,
            offer,
            rejected,
            accepted,
            fault,
            reason: _,
        } = pair.difference;
        let tally = &mut self.tally;
        tally.decisions += 1;
        for (count, happened) in [
            (&mut tally.changed, pair.difference.any()),
            (&mut tally.other_name, name),
            (&mut tally.floor_up, floor.is_gt()),
            (&mut tally.floor_down, floor.is_lt()),
            (&mut tally.other_offer, offer),
            (&mut tally.now_rejected, rejected),
            (&mut tally.now_accepted, accepted),
            (&mut tally.now_failing, fault),
        ] {
            *count += u64::from(happened);
        }
        for (sum, outcome) in [
            (&mut self.before, &pair.before),
            (&mut self.after, &pair.after),
        ] {
            outcome.choice.iter().for_each(|chosen| sum.note(chosen));
        }
    }

    pub(in crate::lifecycle) fn finish(&self) -> Tally {
        Tally {
            before: self.before.finish(),
            after: self.after.finish(),
            ..self.tally.clone()
        }
    }
}

/// Target, offer before, offer after.
type Way = (Option<Arc<str>>, Option<Box<str>>, Option<Box<str>>);

/// A [`Breakdown`] that is being counted.
#[derive(Default)]
pub(super) struct Breaking {
    total: Counting,
    both: (Sum, Sum),
    preferences: BTreeMap<&'static str, Counting>,
    agents: HashMap<String, Counting>,
    ways: HashMap<Way, u64>,
    examples: Vec<Example>,
}

impl Breaking {
    pub(super) fn note(&mut self, id: &str, agent: &str, basis: &Basis<'_>, pair: &Pair<'_>) {
        self.total.note(pair);
        if let (Ok(before), Ok(after)) = (&pair.before.choice, &pair.after.choice) {
            self.both.0.note(before);
            self.both.1.note(after);
        }
        self.preferences.entry(basis.word()).or_default().note(pair);
        match self.agents.get_mut(agent) {
            Some(counting) => counting.note(pair),
            None => self.agents.entry(agent.to_owned()).or_default().note(pair),
        }
        let target = pair.before.target.as_ref().or(pair.after.target.as_ref());
        let way = (
            target.cloned(),
            pair.before.offer().map(Into::into),
            pair.after.offer().map(Into::into),
        );
        *self.ways.entry(way).or_default() += 1;
        if self.examples.len() < EXAMPLES && pair.difference.any() {
            self.examples.push(pair.example(id, basis));
        }
    }

    pub(super) fn finish(self) -> Breakdown {
        let mut agents: Vec<OfAgent> = self
            .agents
            .into_iter()
            .map(|(agent_id, counting)| OfAgent {
                agent_id,
                tally: counting.finish(),
            })
            .collect();
        agents.sort_by(|a, b| {
            let rank = |of: &OfAgent| (of.tally.changed, of.tally.decisions);
            rank(b)
                .cmp(&rank(a))
                .then_with(|| a.agent_id.cmp(&b.agent_id))
        });
        let mut models: Vec<Flow> = self
            .ways
            .into_iter()
            .map(|((target, before, after), decisions)| Flow {
                target: target.as_deref().map(str::to_owned),
                before: before.map(String::from),
                after: after.map(String::from),
                decisions,
            })
            .collect();
        models.sort_by(|a, b| {
            let rank = |flow: &Flow| (flow.before != flow.after, flow.decisions);
            rank(b).cmp(&rank(a)).then_with(|| a.cmp(b))
        });
        Breakdown {
            total: self.total.finish(),
            both: Compared {
                before: self.both.0.finish(),
                after: self.both.1.finish(),
            },
            preferences: self
                .preferences
                .into_iter()
                .map(|(word, counting)| (word.to_owned(), counting.finish()))
                .collect(),
            agents_left_off: cut(&mut agents),
            agents,
            models_left_off: cut(&mut models),
            models,
            examples: self.examples,
        }
    }
}

/// Keeps what is listed; how many are left off.
fn cut<T>(list: &mut Vec<T>) -> u64 {
    let left_off = list.len().saturating_sub(LISTED);
    list.truncate(LISTED);
    u64::try_from(left_off).unwrap_or(u64::MAX)
}
