//! What a component says of itself.

use crate::{Bounds, Date, Decimal, Lever, LeverValue};

impl Lever {
    /// A number that the founder may set from `least` to `most`.
    pub fn number(name: &str, summary: &str, value: Decimal, [least, most]: [Decimal; 2]) -> Self {
        let bounds = Some(Bounds { least, most });
        Self::new(name, summary, LeverValue::Number(value), bounds)
    }

    /// A text, such as an alias's target.
    pub fn text(name: &str, summary: &str, value: &str) -> Self {
        Self::new(name, summary, LeverValue::Text(value.into()), None)
    }

    /// A day in UTC.
    pub fn day(name: &str, summary: &str, value: Date) -> Self {
        Self::new(name, summary, LeverValue::Day(value), None)
    }

    fn new(name: &str, summary: &str, value: LeverValue, bounds: Option<Bounds>) -> Self {
        Self {
            name: name.into(),
            summary: summary.into(),
            value,
            bounds,
        }
    }
}

/// A [`Description`](crate::Description) with the calling package's name,
/// version and description, and the levers given.
#[macro_export]
macro_rules! describe {
    ($levers:expr) => {
        $crate::Description {
            name: $crate::String::from(env!("CARGO_PKG_NAME")),
            version: $crate::String::from(env!("CARGO_PKG_VERSION")),
            summary: $crate::String::from(env!("CARGO_PKG_DESCRIPTION")),
            levers: $levers,
        }
    };
}
