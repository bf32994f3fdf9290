//! The laws of each slot, tried on the grid.
//!
//! A [`Trial`] asks a component in fresh sandboxes, every question twice, and
//! keeps what it finds: the most fuel that a call took, and the laws broken,
//! each with the first input that breaks it.

mod clamp;
mod dial;
mod meaning;
mod resolver;
mod trial;

pub use trial::{Code, Reason};

pub(super) use trial::{Stop, Trial};

use crate::policy::levers::Declared;
use crate::policy::{Component, Slot};

/// Tries `component`, which says of itself what `declared` holds, on all laws
/// of its slot.
pub(super) fn try_all(
    component: &Component,
    declared: &Declared,
    is_model: &dyn Fn(&str) -> bool,
    trial: &mut Trial<'_>,
) -> Result<(), Stop> {
    match component.slot() {
        Slot::AliasResolver => resolver::try_all(declared, is_model, trial),
        Slot::PreferenceDial => dial::try_all(declared, trial),
        Slot::FloorClamp => clamp::try_all(declared, trial),
    }
}
