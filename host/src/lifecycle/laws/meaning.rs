//! What a resolver's names mean, by what it lists and declares.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;

use super::case::Breach;
use super::{Stop, Trial};
use crate::lifecycle::grid;
use crate::policy::levers::{Declared, LeverValue};
use crate::policy::set::MAX_NAME;
use crate::policy::text::{self, MARKUP};
use crate::policy::worlds::v1_0::types;

/// The most targets that a resolver may list. Aliases are bounded by the
/// levers, of which each needs one.
const MAX_TARGETS: usize = 64;

/// An answer, comparable.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Routed {
        target: String,
        via_alias: bool,
        deprecated: Option<Day>,
        sunset: Option<Day>,
    },
    Sunset {
        target: String,
    },
    Unknown,
}

/// In the contract's words.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Routed {
                target,
                via_alias,
                deprecated,
                sunset,
            } => {
                let by = if *via_alias { "alias of " } else { "" };
                write!(f, "routed to {by}{target:?}")?;
                for (what, day) in [("deprecated", deprecated), ("sunset", sunset)] {
                    if let Some(day) = day {
                        write!(f, ", {what} {}-{:02}-{:02}", day.0, day.1, day.2)?;
                    }
                }
                Ok(())
            }
            Self::Sunset { target } => write!(f, "sunset, use {target:?}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// Year, month, day, as a guest gave them.
pub(super) type Day = (u16, u8, u8);

/// What a listed name means, by the lists and levers.
pub(super) struct Meaning {
    target: String,
    pub(super) via_alias: bool,
    deprecated: Option<Date>,
    sunset: Option<Date>,
}

impl Meaning {
    pub(super) fn on(&self, today: Date) -> Answer {
        let Self {
            target,
            via_alias,
            deprecated,
            sunset,
        } = self;
        if sunset.is_some_and(|sunset| sunset <= today) {
            return Answer::Sunset {
                target: target.clone(),
            };
        }
        Answer::Routed {
            target: target.clone(),
            via_alias: *via_alias,
            deprecated: deprecated.map(parts),
            sunset: sunset.map(parts),
        }
    }

    /// The grid's days, and those around its own.
    pub(super) fn days(&self) -> impl Iterator<Item = Date> {
        let own = [self.deprecated, self.sunset].into_iter().flatten();
        grid::DAYS.into_iter().chain(
            own.flat_map(|day| [day.yesterday().ok(), Some(day), day.tomorrow().ok()])
                .flatten(),
        )
    }
}

/// The meaning of each name; none where lists and levers have none.
pub(super) fn meanings(
    targets: &[String],
    aliases: &[String],
    declared: &Declared,
    is_model: &dyn Fn(&str) -> bool,
    trial: &mut Trial<'_>,
) -> Option<BTreeMap<String, Meaning>> {
    if targets.is_empty() || targets.len() > MAX_TARGETS {
        let message = format!(
            "it lists {} targets; list 1 to {MAX_TARGETS}",
            targets.len()
        );
        broken("lists-targets", &"listing", message, trial);
        return None;
    }
    let mut meanings = BTreeMap::new();
    let mut levers: BTreeSet<&str> = declared.levers.keys().map(String::as_str).collect();
    for (name, via_alias) in targets
        .iter()
        .map(|name| (name, false))
        .chain(aliases.iter().map(|name| (name, true)))
    {
        let shown = format!("name {name:?}");
        if name.is_empty() || name.len() > MAX_NAME || !text::is_name(name) {
            let message =
                format!("a name is 1 to {MAX_NAME} bytes of visible characters, without {MARKUP}");
            broken("names-fit", &shown, message, trial);
            return None;
        }
        if is_model(name) {
            broken(
                "no-catalog-name",
                &shown,
                "the catalog has a model of this name, which is always called outright; list another name",
                trial,
            );
        }
        let meaning = match via_alias {
            false => Meaning {
                target: name.clone(),
                via_alias,
                deprecated: None,
                sunset: None,
            },
            true => alias(name, targets, declared, &mut levers, trial)?,
        };
        if meanings.insert(name.clone(), meaning).is_some() {
            broken(
                "listed-once",
                &shown,
                "the name is listed twice; list it once, as a target or as an alias",
                trial,
            );
        }
    }
    for lever in levers {
        trial.levers(format!("lever `{lever}` belongs to no alias: an alias-resolver has `<alias>`, `<alias>/deprecated` and `<alias>/sunset` alone"));
    }
    Some(meanings)
}

/// The meaning of an alias by its levers, which are taken out of `left`.
fn alias(
    name: &str,
    targets: &[String],
    declared: &Declared,
    left: &mut BTreeSet<&str>,
    trial: &mut Trial<'_>,
) -> Option<Meaning> {
    let mut value = |lever: &str| {
        left.remove(lever);
        declared.levers.get(lever).map(|lever| &lever.value)
    };
    let target = match value(name) {
        Some(LeverValue::Text(target)) if targets.contains(target) => target.clone(),
        Some(LeverValue::Text(target)) => {
            let message = format!(
                "its target {target:?} is not in the list of targets; an alias leads to a target in one step"
            );
            broken("one-step", &format!("name {name:?}"), message, trial);
            return None;
        }
        _ => {
            trial.levers(format!(
                "alias `{name}` needs a text lever of that name, whose value is its target"
            ));
            return None;
        }
    };
    let mut day = |suffix: &str| match value(&format!("{name}/{suffix}")) {
        None => Some(None),
        Some(LeverValue::Day(day)) => Some(Some(*day)),
        Some(_) => {
            trial.levers(format!("lever `{name}/{suffix}` must be a day"));
            None
        }
    };
    let (deprecated, sunset) = (day("deprecated")?, day("sunset")?);
    Some(Meaning {
        target,
        via_alias: true,
        deprecated,
        sunset,
    })
}

/// Notes a broken law. The lists are read to the end all the same.
fn broken(
    law: &'static str,
    input: &impl fmt::Display,
    message: impl Into<String>,
    trial: &mut Trial<'_>,
) {
    let _: Result<(), Stop> = trial.note(input, &[Breach::of(law, message)]);
}

/// A guest's answer, comparable.
pub(super) fn answer(resolution: types::Resolution) -> Answer {
    let day = |day: types::Date| (day.year, day.month, day.day);
    match resolution {
        types::Resolution::Unknown => Answer::Unknown,
        types::Resolution::Sunset(target) => Answer::Sunset { target },
        types::Resolution::Routed(routed) => Answer::Routed {
            target: routed.target,
            via_alias: routed.via_alias,
            deprecated: routed.deprecated.map(day),
            sunset: routed.sunset.map(day),
        },
    }
}

fn parts(day: Date) -> Day {
    (
        day.year().unsigned_abs(),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
    )
}
