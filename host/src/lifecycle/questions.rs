//! The whole grid as questions, for components of one slot: what [`diff`]
//! compares on and a benchmark measures.
//!
//! [`diff`]: super::diff

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::evaluate::{Answer, Question, Unanswered, evaluate};
use super::grid;
use crate::policy::levers::{ClampLevers, Declared, LeverValue};
use crate::policy::set::MAX_NAME;
use crate::policy::value::to_wit;
use crate::policy::{Component, Floor, Slot};

/// What `component` says of itself.
///
/// # Errors
/// If it faults, or its levers cannot be taken.
pub fn declared(component: &Component) -> Result<Declared, Unanswered> {
    let (description, _) = component.describe()?;
    Ok(Declared::read(description)?)
}

/// Every question of the grid to components of `slot`: what callers send, and
/// what stands in their own levers and lists.
///
/// # Errors
/// If one does not say what it is or lists.
pub fn questions(slot: Slot, components: &[&Component]) -> Result<Vec<Question>, Unanswered> {
    match slot {
        Slot::AliasResolver => to_resolvers(components),
        Slot::PreferenceDial => Ok(to_dials()),
        Slot::FloorClamp => to_clamps(components),
    }
}

fn to_dials() -> Vec<Question> {
    let mut questions = Vec::new();
    for base in grid::bases() {
        for preference in grid::PREFERENCES {
            questions.extend([true, false].map(|live| Question::Apply {
                preference: preference.map(str::to_owned),
                base,
                live,
            }));
        }
    }
    questions
}

fn to_clamps(components: &[&Component]) -> Result<Vec<Question>, Unanswered> {
    let mut bases = grid::bases();
    let mut dialled: BTreeSet<Decimal> = grid::dialled().into_iter().collect();
    let least = Decimal::new(1, 18);
    for component in components {
        let ClampLevers { lower, upper } = ClampLevers::of(&declared(component)?)?;
        for bound in [lower, upper] {
            bases.extend(Floor::new(bound).ok().filter(|base| !bases.contains(base)));
            dialled.extend([bound - least, bound, bound + least]);
        }
    }
    dialled.retain(|dialled| to_wit(*dialled).is_some());
    Ok(bases
        .into_iter()
        .flat_map(|base| dialled.iter().map(move |dialled| (base, *dialled)))
        .filter(|(base, dialled)| base.get() != *dialled)
        .map(|(base, dialled)| Question::Clamp { base, dialled })
        .collect())
}

fn to_resolvers(components: &[&Component]) -> Result<Vec<Question>, Unanswered> {
    let mut names: BTreeSet<String> = grid::STRANGERS.map(str::to_owned).into();
    let mut days: BTreeSet<Date> = grid::DAYS.into();
    for component in components {
        if let Answer::Listing { targets, aliases } =
            evaluate(component, &Question::Listing {})?.answer
        {
            names.extend(targets);
            names.extend(aliases);
        }
        for lever in declared(component)?.levers.values() {
            if let LeverValue::Day(day) = lever.value {
                let around = [day.yesterday().ok(), Some(day), day.tomorrow().ok()];
                days.extend(around.into_iter().flatten());
            }
        }
    }
    names.retain(|name| name.len() <= MAX_NAME);
    let mut questions = vec![Question::Listing {}];
    questions.extend(names.iter().flat_map(|model| {
        days.iter().map(|date| Question::Resolve {
            model: model.clone(),
            date: *date,
        })
    }));
    Ok(questions)
}
