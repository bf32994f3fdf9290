//! The resolver's laws: one step, total, and exactly what it lists.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::meaning::{Answer, Meaning, answer, meanings};
use super::{Stop, Trial};
use crate::lifecycle::grid::{self, Cases};
use crate::policy::levers::Declared;
use crate::policy::set::MAX_NAME;
use crate::policy::{Component, Fault, Used};

/// A name that is asked before and after listed ones.
const STRANGER: &str = "gpt-4o";

pub(super) fn try_all(
    declared: &Declared,
    is_model: &dyn Fn(&str) -> bool,
    trial: &mut Trial<'_>,
) -> Result<(), Stop> {
    let (targets, aliases) = trial.ask(&|| "listing".to_owned(), |component| {
        let (listing, used) = component.listing()?;
        Ok(((listing.targets, listing.aliases), used))
    })?;
    let Some(meanings) = meanings(&targets, &aliases, declared, is_model, trial) else {
        return Ok(());
    };
    for (name, meaning) in &meanings {
        let law = if meaning.via_alias {
            "alias-as-its-levers-say"
        } else {
            "target-is-itself"
        };
        for today in meaning.days() {
            expect(law, name, today, &meaning.on(today), trial)?;
        }
    }
    for name in strangers(&meanings) {
        for today in grid::DAYS.into_iter().take(2) {
            expect(
                "routes-only-what-it-lists",
                &name,
                today,
                &Answer::Unknown,
                trial,
            )?;
        }
    }
    let mut cases = Cases::new();
    for _ in 0..grid::GENERATED {
        let (name, today) = (cases.text(MAX_NAME), cases.day());
        let expected = meanings
            .get(&name)
            .map_or(Answer::Unknown, |meaning| meaning.on(today));
        expect("routes-only-what-it-lists", &name, today, &expected, trial)?;
    }
    state(&meanings, trial)
}

/// Names that are not listed: strange ones, and neighbours of those that are.
fn strangers(listed: &BTreeMap<String, Meaning>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = grid::STRANGERS.map(str::to_owned).into();
    names.extend(["a".repeat(MAX_NAME), "é".repeat(MAX_NAME / 2)]);
    for name in listed.keys() {
        names.extend([
            name.to_uppercase(),
            format!(" {name}"),
            format!("{name} "),
            format!("{name}x"),
            name.replace('-', "_"),
        ]);
        let mut shorter = name.clone();
        shorter.pop();
        names.insert(shorter);
    }
    names.retain(|name| name.len() <= MAX_NAME && !listed.contains_key(name));
    names
}

fn expect(
    law: &str,
    name: &str,
    today: Date,
    expected: &Answer,
    trial: &mut Trial<'_>,
) -> Result<(), Stop> {
    let shown = || format!("name {name:?}, day {today}");
    let answer = trial.ask(&shown, |component| ask(component, name, today))?;
    if answer != *expected {
        let message =
            format!("the answer is {answer}, but by its lists and levers it must be {expected}");
        trial.broken(law, &shown, message);
    }
    Ok(())
}

/// A listed name before and after a stranger, on one instance.
fn state(meanings: &BTreeMap<String, Meaning>, trial: &mut Trial<'_>) -> Result<(), Stop> {
    for (name, today) in meanings
        .keys()
        .map(String::as_str)
        .take(64)
        .zip(grid::DAYS.into_iter().cycle())
    {
        for pair in [[name, name], [name, STRANGER], [STRANGER, name]] {
            let shown = || format!("names {pair:?} one after the other, day {today}");
            let mut fresh = Vec::with_capacity(2);
            for name in pair {
                fresh.push(trial.ask(&shown, |component| ask(component, name, today))?);
            }
            trial.ask_together(&shown, &fresh, |component| {
                Ok(component
                    .resolve_on_one_instance(&pair.map(|name| (name, today)))?
                    .into_iter()
                    .map(answer)
                    .collect())
            })?;
        }
    }
    Ok(())
}

fn ask(component: &Component, name: &str, today: Date) -> Result<(Answer, Used), Fault> {
    let (resolution, used) = component.resolve(name, today)?;
    Ok((answer(resolution), used))
}
