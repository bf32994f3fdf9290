//! The dial's laws: rule 3 of the floor, and levers that mean what they say.

use std::fmt;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::case::{Ask, Breach, Case, Together};
use super::{Stop, Trial, generate};
use crate::lifecycle::grid;
use crate::policy::levers::{Declared, DialLevers};
use crate::policy::value::{from_wit, identical};
use crate::policy::worlds::v1_0::types;
use crate::policy::{Component, Fault, Floor, Slot, Used};

/// A question to a dial that declares `levers`.
#[derive(Clone, Debug)]
struct Question {
    levers: DialLevers,
    preference: Option<String>,
    base: Floor,
    live: bool,
}

/// Units and scale.
type Answer = (i64, u8);

pub(super) fn try_all(declared: &Declared, trial: &mut Trial<'_>) -> Result<(), Stop> {
    let levers = match DialLevers::of(declared) {
        Ok(levers) => levers,
        Err(error) => {
            trial.levers(error.to_string());
            return Ok(());
        }
    };
    trial.other_levers(declared, Slot::PreferenceDial, ["quality", "cost"]);
    for question in grid(levers) {
        trial.examine(&question)?;
    }
    let any = (
        generate::preference(),
        generate::base(),
        // Mostly open, and made simpler by opening it.
        prop_oneof![3 => Just(false), 1 => Just(true)],
    )
        .prop_map(move |(preference, base, closed)| Question {
            levers,
            preference,
            base,
            live: !closed,
        });
    generate::examine(any.clone(), generate::CASES, trial)?;
    generate::examine(generate::sequence(any), generate::SEQUENCES, trial)
}

/// The whole grid, the simplest first.
fn grid(levers: DialLevers) -> Vec<Question> {
    let mut questions = Vec::new();
    for base in grid::bases() {
        for preference in grid::PREFERENCES {
            questions.extend([true, false].map(|live| Question {
                levers,
                preference: preference.map(str::to_owned),
                base,
                live,
            }));
        }
    }
    questions.sort_by_cached_key(|question| question.to_string().len());
    questions
}

impl Question {
    /// The lever that moves this base, where one does.
    fn lever(&self) -> Option<(&'static str, &'static str, Decimal)> {
        let (name, law, lever) = match self.preference.as_deref() {
            Some("quality") => ("quality", "quality-adds-its-lever", self.levers.quality),
            Some("cost") => ("cost", "cost-adds-its-lever", self.levers.cost),
            _ => return None,
        };
        (self.live && !lever.is_zero()).then_some((name, law, lever))
    }
}

impl Case for Question {
    fn examine(&self, trial: &mut Trial<'_>) -> Vec<Breach> {
        let (units, scale) = match trial.ask(self) {
            Ok(answer) => answer,
            Err(breach) => return vec![breach],
        };
        let Some(dialled) = from_wit(types::Decimal { units, scale }) else {
            let answer = format!("{units} with scale {scale}, of which 18 is the most,");
            return vec![Breach::invalid(&answer)];
        };
        let base = self.base.get();
        match self.lever() {
            None if !identical(base, dialled) => vec![Breach::of(
                "untouched-base",
                format!(
                    "the answer is {dialled}, but must be the base, scale included: only `quality` and `cost` move the floor, only with the gate open, and by their levers"
                ),
            )],
            Some((name, law, lever)) if base + lever != dialled => vec![Breach::of(
                law,
                format!(
                    "the answer is {dialled}, but base and lever `{name}` make {}; declare the lever that is applied",
                    base + lever
                ),
            )],
            _ => Vec::new(),
        }
    }
}

impl Ask for Question {
    type Answer = Answer;

    fn ask(&self, component: &Component) -> Result<(Answer, Used), Fault> {
        let (answer, used) =
            component.apply(self.preference.as_deref(), self.base.into(), self.live)?;
        Ok((parts(answer), used))
    }
}

impl Together for Question {
    fn together(questions: &[Self], component: &Component) -> Result<Vec<Answer>, Fault> {
        let inputs: Vec<_> = questions
            .iter()
            .map(|question| {
                let preference = question.preference.as_deref();
                (preference, question.base.into(), question.live)
            })
            .collect();
        let answers = component.apply_on_one_instance(&inputs)?;
        Ok(answers.into_iter().map(parts).collect())
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.preference {
            Some(preference) => write!(f, "preference {preference:?}")?,
            None => f.write_str("no preference")?,
        }
        let gate = if self.live { "open" } else { "closed" };
        write!(f, ", base {}, gate {gate}", self.base)
    }
}

fn parts(decimal: types::Decimal) -> Answer {
    (decimal.units, decimal.scale)
}
