//! The clamp's laws: it shortens a move, and never reverses it.

use std::fmt;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::case::{Ask, Breach, Case, Together};
use super::{Stop, Trial, generate};
use crate::lifecycle::grid;
use crate::policy::levers::{ClampLevers, Declared};
use crate::policy::value::{from_wit, to_wit};
use crate::policy::worlds::v1_0::types;
use crate::policy::{Component, Fault, Floor, Slot, Used};

/// A question to a clamp that declares `levers`. Base and dialled value differ.
#[derive(Clone, Copy, Debug)]
struct Question {
    levers: ClampLevers,
    base: Floor,
    dialled: Decimal,
}

/// Units and scale.
type Answer = (i64, u8);

pub(super) fn try_all(declared: &Declared, trial: &mut Trial<'_>) -> Result<(), Stop> {
    let levers = match ClampLevers::of(declared) {
        Ok(levers) => levers,
        Err(error) => {
            trial.levers(error.to_string());
            return Ok(());
        }
    };
    trial.other_levers(declared, Slot::FloorClamp, ["lower", "upper"]);
    let dialled = dialled(levers);
    for base in bases(levers) {
        let mut before = None;
        for dialled in &dialled {
            let Some(question) = Question::new(levers, base, *dialled) else {
                continue;
            };
            let (clamped, breaches) = question.tried(trial);
            trial.note(&question, &breaches)?;
            let Some(clamped) = clamped else { continue };
            if let Some((shorter, less)) = before {
                let breach = monotone((shorter, less), (question, clamped));
                trial.note(&question, breach.as_slice())?;
            }
            before = Some((question, clamped));
        }
    }
    generated(levers, trial)
}

fn generated(levers: ClampLevers, trial: &mut Trial<'_>) -> Result<(), Stop> {
    const MOVE: &str = "a clamp is asked where the dial moved the base";
    let question = move |(base, dialled)| Question::new(levers, base, dialled);
    let any = generate::moved(generate::base()).prop_filter_map(MOVE, question);
    generate::examine(any.clone(), generate::CASES, trial)?;
    let pairs = any.clone().prop_flat_map(move |one| {
        let other = generate::moved(Just(one.base)).prop_filter_map(MOVE, question);
        other.prop_map(move |other| Pair::of(one, other))
    });
    generate::examine(pairs, generate::CASES, trial)?;
    generate::examine(generate::sequence(any), generate::SEQUENCES, trial)
}

/// Bases of the grid, those with two digits or all 18, and the bounds.
fn bases(levers: ClampLevers) -> Vec<Floor> {
    let mut bases: Vec<Floor> = grid::bases()
        .into_iter()
        .filter(|base| ![1, 3].contains(&base.get().scale()))
        .collect();
    bases.extend(
        [levers.lower, levers.upper]
            .into_iter()
            .filter_map(|bound| Floor::new(bound).ok()),
    );
    bases.sort_by_key(|base| base.get().scale());
    bases
}

/// What a dial may hand over, ascending, the bounds and their neighbours too.
fn dialled(levers: ClampLevers) -> Vec<Decimal> {
    let least = Decimal::new(1, 18);
    let bounds = [levers.lower, levers.upper]
        .into_iter()
        .flat_map(|bound| [bound - least, bound, bound + least]);
    let mut all: Vec<Decimal> = grid::dialled().into_iter().chain(bounds).collect();
    all.sort();
    all.dedup();
    all
}

impl Question {
    /// None where a clamp would not be asked.
    fn new(levers: ClampLevers, base: Floor, dialled: Decimal) -> Option<Self> {
        (base.get() != dialled && to_wit(dialled).is_some()).then_some(Self {
            levers,
            base,
            dialled,
        })
    }

    /// The answer, and what it breaks by itself.
    fn tried(&self, trial: &mut Trial<'_>) -> (Option<Decimal>, Vec<Breach>) {
        let (units, scale) = match trial.ask(self) {
            Ok(answer) => answer,
            Err(breach) => return (None, vec![breach]),
        };
        let Some(clamped) = from_wit(types::Decimal { units, scale }) else {
            let answer = format!("{units} with scale {scale}, of which 18 is the most,");
            return (None, vec![Breach::invalid(&answer)]);
        };
        let mut breaches = self.judge(clamped);
        breaches.extend(self.again(clamped, trial));
        (Some(clamped), breaches)
    }

    fn judge(&self, clamped: Decimal) -> Vec<Breach> {
        let (base, dialled) = (self.base.get(), self.dialled);
        let ClampLevers { lower, upper } = self.levers;
        let bounds = lower..=upper;
        let laws = [
            (
                clamped < base.min(dialled) || clamped > base.max(dialled),
                "between-base-and-dialled",
                "is not between base and dialled value; shorten a move, never reverse it".to_owned(),
            ),
            (
                clamped < Decimal::ZERO || clamped > Decimal::ONE,
                "in-zero-to-one",
                "is outside [0, 1]".to_owned(),
            ),
            (
                clamped == base && !self.base.identical(clamped),
                "unmoved-keeps-scale",
                "has another scale than the base; answer with the base itself where it does not move".to_owned(),
            ),
            (
                bounds.contains(&base) && !bounds.contains(&clamped),
                "inside-its-bounds",
                format!("is outside `lower` {lower} to `upper` {upper}; declare the bounds that are applied"),
            ),
            (
                bounds.contains(&dialled) && clamped != dialled,
                "inside-is-untouched",
                format!("is not the dialled value, which is inside `lower` {lower} to `upper` {upper} and must pass untouched"),
            ),
        ];
        laws.into_iter()
            .filter(|(broken, ..)| *broken)
            .map(|(_, law, what)| Breach::of(law, format!("the answer {clamped} {what}")))
            .collect()
    }

    /// An answer that is clamped again stays what it is.
    fn again(&self, clamped: Decimal, trial: &mut Trial<'_>) -> Option<Breach> {
        let again = Self::new(self.levers, self.base, clamped)?;
        match trial.ask(&again) {
            Ok((units, scale)) if from_wit(types::Decimal { units, scale }) == Some(clamped) => {
                None
            }
            Ok(_) => Some(Breach::of(
                "idempotent",
                format!("the answer {clamped} is changed where it is clamped again"),
            )),
            Err(breach) => Some(breach),
        }
    }
}

/// More asked never gives less.
fn monotone(
    (less, shorter): (Question, Decimal),
    (more, longer): (Question, Decimal),
) -> Option<Breach> {
    (more.dialled > less.dialled && longer < shorter).then(|| {
        let message = format!(
            "it lets {longer} through, but {shorter} for dialled {}; more asked must never give less",
            less.dialled
        );
        Breach::of("monotone", message)
    })
}

impl Case for Question {
    fn examine(&self, trial: &mut Trial<'_>) -> Vec<Breach> {
        self.tried(trial).1
    }
}

impl Ask for Question {
    type Answer = Answer;

    fn ask(&self, component: &Component) -> Result<(Answer, Used), Fault> {
        let (answer, used) = component.clamp(self.base.into(), crossing(self.dialled))?;
        Ok((parts(answer), used))
    }
}

impl Together for Question {
    fn together(questions: &[Self], component: &Component) -> Result<Vec<Answer>, Fault> {
        let inputs: Vec<_> = questions
            .iter()
            .map(|question| (question.base.into(), crossing(question.dialled)))
            .collect();
        let answers = component.clamp_on_one_instance(&inputs)?;
        Ok(answers.into_iter().map(parts).collect())
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "base {}, dialled {}", self.base, self.dialled)
    }
}

/// Two questions of the same base, to be compared.
#[derive(Debug)]
struct Pair {
    less: Question,
    more: Question,
}

impl Pair {
    fn of(one: Question, other: Question) -> Self {
        let (less, more) = if one.dialled <= other.dialled {
            (one, other)
        } else {
            (other, one)
        };
        Self { less, more }
    }
}

impl Case for Pair {
    fn examine(&self, trial: &mut Trial<'_>) -> Vec<Breach> {
        let (shorter, mut breaches) = self.less.tried(trial);
        let (longer, others) = self.more.tried(trial);
        breaches.extend(others);
        if let (Some(shorter), Some(longer)) = (shorter, longer) {
            breaches.extend(monotone((self.less, shorter), (self.more, longer)));
        }
        breaches
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base, less, more) = (self.less.base, self.less.dialled, self.more.dialled);
        write!(f, "base {base}, dialled {less} and {more}")
    }
}

/// As it crosses to a guest; a [`Question`] has none that could not.
fn crossing(decimal: Decimal) -> types::Decimal {
    to_wit(decimal).unwrap_or(types::Decimal { units: 0, scale: 0 })
}

fn parts(decimal: types::Decimal) -> Answer {
    (decimal.units, decimal.scale)
}
