//! The levers that a component declares, as native values.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::slot::Slot;
use super::text::{self, MARKUP};
use super::value::from_wit;
use super::worlds::v1_0::types;

/// What a component says of itself, checked and fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// Its levers by name.
    pub levers: BTreeMap<String, Lever>,
}

/// One lever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Lever {
    /// What it does.
    pub summary: String,
    /// What it is set to.
    #[schema(value_type = String, examples("0.10"))]
    pub value: LeverValue,
    /// The range in which a number may be set, ends included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false, min_items = 2, max_items = 2)]
    pub bounds: Option<(Decimal, Decimal)>,
}

/// A lever's value. As JSON: its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LeverValue {
    /// A decimal.
    Number(Decimal),
    /// A text.
    Text(String),
    /// A day.
    Day(Date),
}

/// Why a description cannot be taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LeverError {
    /// A text is empty, too long, or holds characters that do not show.
    #[error("`describe` gives a {what} that is {why}; use 1 to {most} visible bytes of UTF-8")]
    Text {
        /// Which text.
        what: &'static str,
        /// What is wrong.
        why: &'static str,
        /// The most bytes.
        most: usize,
    },
    /// A name with markup in it.
    #[error(
        "`describe` gives a {0} with one of {MARKUP} in it, which a page could take for markup; use other characters in names"
    )]
    Markup(&'static str),
    /// A number or date outside the contract.
    #[error("lever `{0}` has a value that is no valid decimal or date")]
    Value(String),
    /// A number outside its own bounds.
    #[error("lever `{name}` is {value}, outside its declared bounds {least} to {most}")]
    OutOfBounds {
        /// The lever.
        name: String,
        /// Its value.
        value: Decimal,
        /// Its lower bound.
        least: Decimal,
        /// Its upper bound.
        most: Decimal,
    },
    /// The same name twice.
    #[error("lever `{0}` is declared twice")]
    Twice(String),
    /// One that the slot needs is not there.
    #[error("a {slot} must declare the lever `{name}`, a number in [{least}, {most}]")]
    Missing {
        /// The slot.
        slot: Slot,
        /// The lever.
        name: &'static str,
        /// Its least value.
        least: Decimal,
        /// Its greatest value.
        most: Decimal,
    },
    /// More levers than anybody reads.
    #[error("{0} levers are declared; the most are 256")]
    TooMany(usize),
}

impl Declared {
    /// Takes a guest's description.
    ///
    /// # Errors
    /// If a text cannot be shown or a value is none.
    pub fn read(description: types::Description) -> Result<Self, LeverError> {
        if description.levers.len() > 256 {
            return Err(LeverError::TooMany(description.levers.len()));
        }
        let mut levers = BTreeMap::new();
        for lever in description.levers {
            let name = name("lever name", lever.name, 300)?;
            let bad = || LeverError::Value(name.clone());
            let value = match lever.value {
                types::LeverValue::Number(number) => {
                    LeverValue::Number(from_wit(number).ok_or_else(bad)?)
                }
                types::LeverValue::Text(value) => {
                    LeverValue::Text(self::name("lever value", value, 256)?)
                }
                types::LeverValue::Day(day) => LeverValue::Day(date(day).ok_or_else(bad)?),
            };
            let bounds = match lever.bounds {
                Some(bounds) => Some((
                    from_wit(bounds.least).ok_or_else(bad)?,
                    from_wit(bounds.most).ok_or_else(bad)?,
                )),
                None => None,
            };
            if let (LeverValue::Number(value), Some((least, most))) = (&value, bounds)
                && !(least..=most).contains(value)
            {
                return Err(LeverError::OutOfBounds {
                    name,
                    value: *value,
                    least,
                    most,
                });
            }
            let summary = text("lever summary", lever.summary, 400)?;
            if levers
                .insert(
                    name.clone(),
                    Lever {
                        summary,
                        value,
                        bounds,
                    },
                )
                .is_some()
            {
                return Err(LeverError::Twice(name));
            }
        }
        Ok(Self {
            name: name("name", description.name, 64)?,
            version: name("version", description.version, 32)?,
            summary: text("summary", description.summary, 400)?,
            levers,
        })
    }

    /// The number lever `name` of `slot`, which must lie in [`least`, `most`].
    fn number(
        &self,
        slot: Slot,
        name: &'static str,
        least: i64,
        most: i64,
    ) -> Result<Decimal, LeverError> {
        let (least, most) = (Decimal::from(least), Decimal::from(most));
        match self.levers.get(name) {
            Some(Lever {
                value: LeverValue::Number(value),
                ..
            }) if (least..=most).contains(value) => Ok(*value),
            _ => Err(LeverError::Missing {
                slot,
                name,
                least,
                most,
            }),
        }
    }
}

/// The levers of a dial: what `quality` and `cost` add to the base.
#[derive(Clone, Copy, Debug)]
pub struct DialLevers {
    /// In [0, 1].
    pub quality: Decimal,
    /// In [-1, 0].
    pub cost: Decimal,
}

impl DialLevers {
    /// Those of `declared`.
    ///
    /// # Errors
    /// If one is not there or out of range.
    pub fn of(declared: &Declared) -> Result<Self, LeverError> {
        Ok(Self {
            quality: declared.number(Slot::PreferenceDial, "quality", 0, 1)?,
            cost: declared.number(Slot::PreferenceDial, "cost", -1, 0)?,
        })
    }
}

/// The levers of a clamp: the bounds that a move is shortened to.
#[derive(Clone, Copy, Debug)]
pub struct ClampLevers {
    /// In [0, 1].
    pub lower: Decimal,
    /// In [0, 1].
    pub upper: Decimal,
}

impl ClampLevers {
    /// Those of `declared`.
    ///
    /// # Errors
    /// If one is not there, out of range, or they are the wrong way round.
    pub fn of(declared: &Declared) -> Result<Self, LeverError> {
        let lower = declared.number(Slot::FloorClamp, "lower", 0, 1)?;
        let upper = declared.number(Slot::FloorClamp, "upper", 0, 1)?;
        if lower > upper {
            return Err(LeverError::OutOfBounds {
                name: "lower".into(),
                value: lower,
                least: Decimal::ZERO,
                most: upper,
            });
        }
        Ok(Self { lower, upper })
    }
}

/// A guest's date, where it is one.
pub(crate) fn date(day: types::Date) -> Option<Date> {
    Date::new(
        i16::try_from(day.year).ok()?,
        i8::try_from(day.month).ok()?,
        i8::try_from(day.day).ok()?,
    )
    .ok()
}

/// `text`, if it can be shown on a terminal and a page as it stands.
fn text(what: &'static str, text: String, most: usize) -> Result<String, LeverError> {
    let why = if text.is_empty() {
        "empty"
    } else if text.len() > most {
        "too long"
    } else if !text::is_visible(&text) {
        "not visible in all its characters"
    } else {
        return Ok(text);
    };
    Err(LeverError::Text { what, why, most })
}

/// The same for what names something: without markup.
fn name(what: &'static str, text: String, most: usize) -> Result<String, LeverError> {
    if text::is_name(&text) || !text::is_visible(&text) {
        self::text(what, text, most)
    } else {
        Err(LeverError::Markup(what))
    }
}
