//! One question to a component, as a person asks it, and its answer as JSON
//! that keeps every digit.

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use crate::policy::levers::{self, Declared, LeverError};
use crate::policy::processor;
use crate::policy::set::{MAX_NAME, MAX_PREFERENCE};
use crate::policy::value::{from_wit, to_wit};
use crate::policy::worlds::v1_0::types;
use crate::policy::{Component, Fault, Floor, Slot, Used};

/// What a component can be asked. An object of one key, the function's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Question {
    /// To a resolver: what a name means on a day.
    Resolve {
        /// The name, at most 256 bytes.
        model: String,
        /// The day, in UTC.
        #[schema(value_type = String, format = Date)]
        date: Date,
    },
    /// To a dial: where a preference moves the floor.
    Apply {
        /// The caller's, at most 64 bytes; none where there is none.
        #[serde(default)]
        preference: Option<String>,
        /// A decimal in [0, 1] as a text: its digits are kept.
        #[serde(with = "as_text")]
        #[schema(value_type = String, examples("0.50"))]
        base: Floor,
        /// Whether the gate is open.
        live: bool,
    },
    /// To a clamp: how much of a move is let through.
    Clamp {
        /// A decimal in [0, 1] as a text.
        #[serde(with = "as_text")]
        #[schema(value_type = String, examples("0.80"))]
        base: Floor,
        /// What the dial made of it; differs from the base.
        #[serde(with = "rust_decimal::serde::str")]
        #[schema(value_type = String, examples("0.90"))]
        dialled: Decimal,
    },
    /// To a resolver: the names that it routes.
    Listing {},
    /// To any: what it says of itself.
    Describe {},
}

/// What a component answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Answer {
    /// Of `apply` and `clamp`: a decimal as a text, all its digits kept.
    Floor(String),
    /// Of `resolve`.
    Resolution(Resolution),
    /// Of `listing`.
    Listing {
        /// The targets, in its order.
        targets: Vec<String>,
        /// The aliases, in its order.
        aliases: Vec<String>,
    },
    /// Of `describe`.
    Description(Declared),
}

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[schema(as = ResolvedName)]
pub enum Resolution {
    /// It is routed.
    Routed {
        /// The canonical target.
        target: String,
        /// Whether the name was an alias of it.
        via_alias: bool,
        /// Since when the alias is deprecated.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        deprecated: Option<Date>,
        /// From when it is refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        sunset: Option<Date>,
    },
    /// An alias past its sunset.
    Sunset {
        /// The target to use instead.
        target: String,
    },
    /// No name of this resolver.
    Unknown,
}

/// An answer, and what giving it in a fresh sandbox took.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Instructions, roughly; the same every time.
    pub fuel: u64,
    /// Linear memory at its end, in bytes; the same every time.
    pub memory: usize,
    /// Microseconds of processor time, the sandbox's making included.
    #[serde(rename = "time_us", serialize_with = "micros")]
    #[schema(value_type = u64)]
    pub time: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unanswered {
    /// Its slot has no such function.
    #[error("a {slot} has no `{asked}`; it has {}", .slot.exports().join(", "))]
    OtherSlot {
        /// The component's slot.
        slot: Slot,
        /// The function.
        asked: &'static str,
    },
    /// The host would never ask it.
    #[error("the gateway never asks this: {0}")]
    NeverAsked(String),
    /// It faulted.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What it says of itself cannot be taken.
    #[error(transparent)]
    Levers(#[from] LeverError),
}

/// Asks `component` in a fresh sandbox.
///
/// Takes up to milliseconds: keep it off request paths.
///
/// # Errors
/// If it is another slot's question, one that no gateway asks, or the component
/// faults.
pub fn evaluate(component: &Component, question: &Question) -> Result<Answered, Unanswered> {
    question.check(component.slot())?;
    match question {
        Question::Resolve { model, date } => {
            let fresh = fresh(|| component.resolve(model, *date))?;
            fresh.answered(|resolution| Ok(Answer::Resolution(Resolution::read(resolution)?)))
        }
        Question::Apply {
            preference,
            base,
            live,
        } => fresh(|| component.apply(preference.as_deref(), (*base).into(), *live))?
            .answered(|dialled| Ok(floor(dialled)?)),
        Question::Clamp { base, dialled } => {
            let dialled = crossing(*dialled)?;
            fresh(|| component.clamp((*base).into(), dialled))?
                .answered(|clamped| Ok(floor(clamped)?))
        }
        Question::Listing {} => fresh(|| component.listing())?.answered(|listing| {
            let types::Listing { targets, aliases } = listing;
            Ok(Answer::Listing { targets, aliases })
        }),
        Question::Describe {} => fresh(|| component.describe())?
            .answered(|description| Ok(Answer::Description(Declared::read(description)?))),
    }
}

/// One call in a fresh sandbox, timed.
fn fresh<T>(call: impl Fn() -> Result<(T, Used), Fault>) -> Result<Fresh<T>, Fault> {
    let started = processor::used();
    let (answer, used) = call()?;
    let time = processor::used().saturating_sub(started);
    Ok(Fresh { answer, used, time })
}

/// What a component gave, in the contract's own form.
struct Fresh<T> {
    answer: T,
    used: Used,
    time: Duration,
}

impl<T> Fresh<T> {
    fn answered(
        self,
        read: impl FnOnce(T) -> Result<Answer, Unanswered>,
    ) -> Result<Answered, Unanswered> {
        let Self { answer, used, time } = self;
        let Used { fuel, memory, .. } = used;
        Ok(Answered {
            answer: read(answer)?,
            fuel,
            memory,
            time,
        })
    }
}

impl Question {
    /// The function that it is put to.
    #[must_use]
    pub fn function(&self) -> &'static str {
        match self {
            Self::Resolve { .. } => "resolve",
            Self::Apply { .. } => "apply",
            Self::Clamp { .. } => "clamp",
            Self::Listing {} => "listing",
            Self::Describe {} => "describe",
        }
    }

    fn check(&self, slot: Slot) -> Result<(), Unanswered> {
        let asked = self.function();
        if !slot.exports().contains(&asked) {
            return Err(Unanswered::OtherSlot { slot, asked });
        }
        let long = |what, text: &str, most| {
            let bytes = text.len();
            format!("{what} of {bytes} bytes; over {most} never reach a component")
        };
        match self {
            Self::Resolve { model, .. } if model.len() > MAX_NAME => {
                Err(Unanswered::NeverAsked(long("a model", model, MAX_NAME)))
            }
            Self::Apply {
                preference: Some(preference),
                ..
            } if preference.len() > MAX_PREFERENCE => Err(Unanswered::NeverAsked(long(
                "a preference",
                preference,
                MAX_PREFERENCE,
            ))),
            Self::Clamp { base, dialled } if base.get() == *dialled => Err(Unanswered::NeverAsked(
                "a clamp is asked only where `dialled` differs from `base`".to_owned(),
            )),
            _ => Ok(()),
        }
    }
}

/// As people read it: the text's control characters escaped.
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve { model, date } => write!(f, "name {model:?}, day {date}"),
            Self::Apply {
                preference,
                base,
                live,
            } => {
                match preference {
                    Some(preference) => write!(f, "preference {preference:?}")?,
                    None => f.write_str("preference none")?,
                }
                let gate = if *live { "open" } else { "closed" };
                write!(f, ", base {base}, gate {gate}")
            }
            Self::Clamp { base, dialled } => write!(f, "base {base}, dialled {dialled}"),
            Self::Listing {} | Self::Describe {} => f.write_str(self.function()),
        }
    }
}

impl Resolution {
    fn read(resolution: types::Resolution) -> Result<Self, Fault> {
        let day = |day: Option<types::Date>| {
            day.map(|day| {
                levers::date(day).ok_or_else(|| {
                    let types::Date { year, month, day } = day;
                    Fault::Answer(format!("{year}-{month}-{day} is no day"))
                })
            })
            .transpose()
        };
        Ok(match resolution {
            types::Resolution::Routed(routed) => Self::Routed {
                target: routed.target,
                via_alias: routed.via_alias,
                deprecated: day(routed.deprecated)?,
                sunset: day(routed.sunset)?,
            },
            types::Resolution::Sunset(target) => Self::Sunset { target },
            types::Resolution::Unknown => Self::Unknown,
        })
    }
}

fn floor(decimal: types::Decimal) -> Result<Answer, Fault> {
    let value = from_wit(decimal).ok_or_else(|| {
        let types::Decimal { units, scale } = decimal;
        Fault::Answer(format!("{units} has scale {scale}, 18 is the most"))
    })?;
    Ok(Answer::Floor(value.to_string()))
}

fn crossing(dialled: Decimal) -> Result<types::Decimal, Unanswered> {
    to_wit(dialled).ok_or_else(|| {
        Unanswered::NeverAsked(format!(
            "{dialled} is beyond the contract's decimals: 18 digits after the point, 64 bits"
        ))
    })
}

fn micros<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

/// A floor as a text, digits kept.
mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use crate::policy::Floor;

    pub(super) fn serialize<S: Serializer>(floor: &Floor, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(floor)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Floor, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
