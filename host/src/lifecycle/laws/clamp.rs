//! The clamp's laws: it shortens a move, and never reverses it.

use rust_decimal::Decimal;

use super::{Stop, Trial};
use crate::lifecycle::grid::{self, Cases};
use crate::policy::bindings::types;
use crate::policy::levers::{ClampLevers, Declared};
use crate::policy::value::{from_wit, to_wit};
use crate::policy::{Component, Fault, Floor, Slot, Used};

type Answer = (i64, u8);

/// A question to a clamp. The two differ.
#[derive(Clone, Copy)]
struct Question {
    base: Floor,
    dialled: Decimal,
    dialled_wit: types::Decimal,
}

impl Question {
    /// None where a clamp would not be asked.
    fn new(base: Floor, dialled: Decimal) -> Option<Self> {
        let dialled_wit = to_wit(dialled).filter(|_| base.get() != dialled)?;
        Some(Self {
            base,
            dialled,
            dialled_wit,
        })
    }

    fn shown(&self) -> String {
        format!("base {}, dialled {}", self.base, self.dialled)
    }

    fn ask(&self, component: &Component) -> Result<(Answer, Used), Fault> {
        let (answer, used) = component.clamp(self.base.into(), self.dialled_wit)?;
        Ok((parts(answer), used))
    }
}

fn parts(decimal: types::Decimal) -> Answer {
    (decimal.units, decimal.scale)
}

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
    for (index, base) in bases(levers).into_iter().enumerate() {
        let mut before: Option<(Question, Decimal)> = None;
        for question in dialled
            .iter()
            .filter_map(|dialled| Question::new(base, *dialled))
        {
            let clamped = one(&question, levers, trial)?;
            if let Some((shorter, less)) = &before
                && clamped < *less
            {
                let message = format!(
                    "it lets {clamped} through, but {less} for dialled {}; more asked must never give less",
                    shorter.dialled
                );
                trial.broken("monotone", &|| question.shown(), message);
            }
            if index % 8 == 0
                && let Some((shorter, _)) = &before
            {
                together(shorter, &question, trial)?;
                together(&question, &question, trial)?;
            }
            before = Some((question, clamped));
        }
    }
    let mut cases = Cases::new();
    for _ in 0..grid::GENERATED {
        if let Some(question) = Question::new(cases.base(), cases.dialled()) {
            one(&question, levers, trial)?;
        }
    }
    Ok(())
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

/// Asks, and judges the answer by itself.
fn one(question: &Question, levers: ClampLevers, trial: &mut Trial<'_>) -> Result<Decimal, Stop> {
    let shown = || question.shown();
    let (units, scale) = trial.ask(&shown, |component| question.ask(component))?;
    let Some(clamped) = from_wit(types::Decimal { units, scale }) else {
        return Err(Trial::invalid(
            &shown,
            &format!("{units} with scale {scale}, of which 18 is the most,"),
        ));
    };
    let (base, dialled) = (question.base.get(), question.dialled);
    let bounds = levers.lower..=levers.upper;
    if clamped < base.min(dialled) || clamped > base.max(dialled) {
        let message = format!(
            "the answer {clamped} is not between base and dialled value; shorten a move, never reverse it"
        );
        trial.broken("between-base-and-dialled", &shown, message);
    }
    if clamped < Decimal::ZERO || clamped > Decimal::ONE {
        trial.broken(
            "in-zero-to-one",
            &shown,
            format!("the answer {clamped} is outside [0, 1]"),
        );
    }
    if clamped == base && !question.base.identical(clamped) {
        let message = format!(
            "the answer {clamped} has another scale than the base; answer with the base itself where it does not move"
        );
        trial.broken("unmoved-keeps-scale", &shown, message);
    }
    if bounds.contains(&base) && !bounds.contains(&clamped) {
        let message = format!(
            "the answer {clamped} is outside `lower` {} to `upper` {}; declare the bounds that are applied",
            levers.lower, levers.upper
        );
        trial.broken("inside-its-bounds", &shown, message);
    }
    if bounds.contains(&dialled) && clamped != dialled {
        let message = format!(
            "the answer is {clamped}, but a dialled value inside `lower` {} to `upper` {} must pass untouched",
            levers.lower, levers.upper
        );
        trial.broken("inside-is-untouched", &shown, message);
    }
    if let Some(again) = Question::new(question.base, clamped) {
        let (units, scale) = trial.ask(&|| again.shown(), |component| again.ask(component))?;
        if from_wit(types::Decimal { units, scale }) != Some(clamped) {
            trial.broken(
                "idempotent",
                &|| again.shown(),
                "clamping an answer again changes it",
            );
        }
    }
    Ok(clamped)
}

fn together(first: &Question, second: &Question, trial: &mut Trial<'_>) -> Result<(), Stop> {
    let shown = || format!("{}; then {}", first.shown(), second.shown());
    let fresh = [
        trial.ask(&|| first.shown(), |c| first.ask(c))?,
        trial.ask(&|| second.shown(), |c| second.ask(c))?,
    ];
    let inputs = [
        (first.base.into(), first.dialled_wit),
        (second.base.into(), second.dialled_wit),
    ];
    trial.ask_together(&shown, &fresh, |component| {
        Ok(component
            .clamp_on_one_instance(&inputs)?
            .into_iter()
            .map(parts)
            .collect())
    })
}
