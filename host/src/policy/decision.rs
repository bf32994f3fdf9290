//! What a policy set decides of a call.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::value::Floor;

/// What a model name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Classified {
    /// A routing target, or an alias of one.
    Routed {
        /// The canonical target.
        target: Arc<str>,
        /// Whether the name was an alias.
        via_alias: bool,
        /// When the alias was deprecated.
        deprecated: Option<Date>,
        /// The first day on which the alias is refused.
        sunset: Option<Date>,
    },
    /// An alias past its sunset.
    Sunset {
        /// The canonical target to use instead.
        target: String,
    },
    /// No name of the resolver.
    Unknown,
}

/// What the dial and the clamp made of a base.
#[derive(Clone, Copy, Debug)]
pub struct Dialled {
    /// The dial's answer, before the clamp: may leave [0, 1].
    pub dialled: Decimal,
    /// The floor.
    pub floor: Floor,
}
