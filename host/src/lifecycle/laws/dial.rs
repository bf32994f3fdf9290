//! The dial's laws: rule 3 of the floor, and levers that mean what they say.

use rust_decimal::Decimal;

use super::{Stop, Trial};
use crate::lifecycle::grid::{self, Cases};
use crate::policy::bindings::types;
use crate::policy::levers::{Declared, DialLevers};
use crate::policy::value::{from_wit, to_wit};
use crate::policy::{Component, Fault, Floor, Slot, Used};

/// A question to a dial.
#[derive(Clone)]
struct Question {
    preference: Option<String>,
    base: Floor,
    live: bool,
}

type Answer = (i64, u8);

/// Which questions are also asked together: a sample that begins with
/// `quality`, gate open, and in time comes to every preference.
const STRIDE: usize = 13;
const FIRST: usize = 2;

impl Question {
    fn shown(&self) -> String {
        let Self {
            preference,
            base,
            live,
        } = self;
        let preference = match preference {
            Some(preference) => format!("{preference:?}"),
            None => "none".to_owned(),
        };
        let gate = if *live { "open" } else { "closed" };
        format!("preference {preference}, base {base}, gate {gate}")
    }

    fn ask(&self, component: &Component) -> Result<(Answer, Used), Fault> {
        let (answer, used) =
            component.apply(self.preference.as_deref(), self.base.into(), self.live)?;
        Ok((parts(answer), used))
    }
}

fn parts(decimal: types::Decimal) -> Answer {
    (decimal.units, decimal.scale)
}

pub(super) fn try_all(declared: &Declared, trial: &mut Trial<'_>) -> Result<(), Stop> {
    let levers = match DialLevers::of(declared) {
        Ok(levers) => levers,
        Err(error) => {
            trial.levers(error.to_string());
            return Ok(());
        }
    };
    trial.other_levers(declared, Slot::PreferenceDial, ["quality", "cost"]);
    let mut before: Option<(Question, Answer)> = None;
    for (index, question) in questions().into_iter().enumerate() {
        let answer = trial.ask(&|| question.shown(), |component| question.ask(component))?;
        judge(&question, answer, levers, trial)?;
        // A sample, each on one instance with itself and the one before.
        if index % STRIDE != FIRST {
            continue;
        }
        together(&[(&question, answer), (&question, answer)], trial)?;
        if let Some((earlier, earlier_answer)) = &before {
            together(&[(earlier, *earlier_answer), (&question, answer)], trial)?;
            together(&[(&question, answer), (earlier, *earlier_answer)], trial)?;
        }
        before = Some((question, answer));
    }
    Ok(())
}

fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for base in grid::bases() {
        for preference in grid::PREFERENCES {
            questions.extend([true, false].map(|live| Question {
                preference: preference.map(str::to_owned),
                base,
                live,
            }));
        }
    }
    let mut cases = Cases::new();
    questions.extend((0..grid::GENERATED).map(|_| Question {
        preference: cases.preference(),
        base: cases.base(),
        live: cases.coin(),
    }));
    questions
}

fn judge(
    question: &Question,
    answer: Answer,
    levers: DialLevers,
    trial: &mut Trial<'_>,
) -> Result<(), Stop> {
    let shown = || question.shown();
    let base = question.base.get();
    let (name, lever) = match question.preference.as_deref() {
        Some("quality") if question.live => ("quality", levers.quality),
        Some("cost") if question.live => ("cost", levers.cost),
        _ => ("", Decimal::ZERO),
    };
    let (units, scale) = answer;
    let Some(dialled) = from_wit(types::Decimal { units, scale }) else {
        return Err(Trial::invalid(
            &shown,
            &format!("{units} with scale {scale}, of which 18 is the most,"),
        ));
    };
    if lever.is_zero() {
        let same = to_wit(base).is_some_and(|base| parts(base) == answer);
        if !same {
            let message = format!(
                "the answer is {dialled}, but must be the base, scale included: only `quality` and `cost` move the floor, only with the gate open, and by their levers"
            );
            trial.broken("untouched-base", &shown, message);
        }
    } else if base + lever != dialled {
        let message = format!(
            "the answer is {dialled}, but base and lever `{name}` make {}; declare the lever that is applied",
            base + lever
        );
        trial.broken(&format!("{name}-adds-its-lever"), &shown, message);
    }
    Ok(())
}

fn together(pair: &[(&Question, Answer)], trial: &mut Trial<'_>) -> Result<(), Stop> {
    let inputs: Vec<_> = pair
        .iter()
        .map(|(q, _)| (q.preference.as_deref(), q.base.into(), q.live))
        .collect();
    let fresh: Vec<Answer> = pair.iter().map(|(_, answer)| *answer).collect();
    let shown = || {
        pair.iter()
            .map(|(q, _)| q.shown())
            .collect::<Vec<_>>()
            .join("; then ")
    };
    trial.ask_together(&shown, &fresh, |component| {
        Ok(component
            .apply_on_one_instance(&inputs)?
            .into_iter()
            .map(parts)
            .collect())
    })
}
