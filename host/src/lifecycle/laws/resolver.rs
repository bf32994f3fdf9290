//! The resolver's laws: one step, total, and exactly what it lists.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use proptest::prelude::*;
use proptest::sample::select;

use super::case::{Ask, Breach, Case, Sequence, Together};
use super::meaning::{Answer, Meaning, answer, meanings};
use super::{Stop, Trial, generate};
use crate::lifecycle::grid;
use crate::policy::levers::Declared;
use crate::policy::set::MAX_NAME;
use crate::policy::{Component, Fault, Used};

/// A name that is asked before and after listed ones.
const STRANGER: &str = "gpt-4o";

/// A question to a resolver, and the answer that its lists and levers promise.
#[derive(Clone, Debug)]
struct Question {
    name: String,
    today: Date,
    law: &'static str,
    expected: Answer,
}

pub(super) fn try_all(
    declared: &Declared,
    is_model: &dyn Fn(&str) -> bool,
    trial: &mut Trial<'_>,
) -> Result<(), Stop> {
    let (targets, aliases) = match trial.ask(&Listing) {
        Ok(listing) => listing,
        Err(breach) => return trial.note(&Listing, &[breach]),
    };
    let Some(meanings) = meanings(&targets, &aliases, declared, is_model, trial) else {
        return Ok(());
    };
    for (name, meaning) in &meanings {
        for today in meaning.days() {
            trial.examine(&Question::listed(name, meaning, today))?;
        }
    }
    for name in strangers(&meanings) {
        for today in grid::DAYS.into_iter().take(2) {
            trial.examine(&Question::stranger(name.clone(), today))?;
        }
    }
    let listed: Vec<String> = meanings.keys().cloned().collect();
    let names = prop_oneof![
        generate::text(MAX_NAME),
        generate::resembling(listed, MAX_NAME),
    ];
    // Listed names are tried on the days of the grid alone.
    let listed: BTreeSet<String> = meanings.keys().cloned().collect();
    let unlisted = (names, generate::day())
        .prop_filter("a stranger is not listed", move |(name, _)| {
            !listed.contains(name)
        })
        .prop_map(|(name, today)| Question::stranger(name, today));
    generate::examine(unlisted, generate::CASES, trial)?;
    generate::examine(sequences(&meanings), generate::SEQUENCES, trial)
}

/// Listed names and a stranger, one after the other.
fn sequences(meanings: &BTreeMap<String, Meaning>) -> impl Strategy<Value = Sequence<Question>> {
    let mut questions = Vec::new();
    for today in grid::DAYS {
        questions.push(Question::stranger(STRANGER.to_owned(), today));
        let listed = meanings.iter();
        questions.extend(listed.map(|(name, meaning)| Question::listed(name, meaning, today)));
    }
    generate::sequence(select(questions))
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

impl Question {
    fn listed(name: &str, meaning: &Meaning, today: Date) -> Self {
        let law = if meaning.via_alias {
            "alias-as-its-levers-say"
        } else {
            "target-is-itself"
        };
        Self {
            name: name.to_owned(),
            today,
            law,
            expected: meaning.on(today),
        }
    }

    fn stranger(name: String, today: Date) -> Self {
        Self {
            name,
            today,
            law: "routes-only-what-it-lists",
            expected: Answer::Unknown,
        }
    }
}

impl Case for Question {
    fn examine(&self, trial: &mut Trial<'_>) -> Vec<Breach> {
        let answer = match trial.ask(self) {
            Ok(answer) => answer,
            Err(breach) => return vec![breach],
        };
        if answer == self.expected {
            return Vec::new();
        }
        let expected = &self.expected;
        let message =
            format!("the answer is {answer}, but by its lists and levers it must be {expected}");
        vec![Breach::of(self.law, message)]
    }
}

impl Ask for Question {
    type Answer = Answer;

    fn ask(&self, component: &Component) -> Result<(Answer, Used), Fault> {
        let (resolution, used) = component.resolve(&self.name, self.today)?;
        Ok((answer(resolution), used))
    }
}

impl Together for Question {
    fn together(questions: &[Self], component: &Component) -> Result<Vec<Answer>, Fault> {
        let inputs: Vec<_> = questions
            .iter()
            .map(|question| (question.name.as_str(), question.today))
            .collect();
        let answers = component.resolve_on_one_instance(&inputs)?;
        Ok(answers.into_iter().map(answer).collect())
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "name {:?}, day {}", self.name, self.today)
    }
}

/// What does it route? Targets and aliases.
struct Listing;

impl Ask for Listing {
    type Answer = (Vec<String>, Vec<String>);

    fn ask(&self, component: &Component) -> Result<(Self::Answer, Used), Fault> {
        let (listing, used) = component.listing()?;
        Ok(((listing.targets, listing.aliases), used))
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("listing")
    }
}
