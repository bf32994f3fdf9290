//! The laws of each slot, tried on the declared grid and on generated cases.
//!
//! A [`Trial`] asks a component in fresh sandboxes, every question twice, and
//! keeps what it finds: what the calls took, and the laws broken, each with the
//! simplest input found that breaks it.

mod case;
mod clamp;
mod dial;
mod generate;
mod meaning;
mod reason;
mod resolver;
mod trial;

pub use reason::{Code, Reason};

pub(super) use trial::Trial;

use trial::Stop;

use crate::policy::levers::{Declared, LeverError};
use crate::policy::{Component, Fault, Slot, Used};
use case::Ask;

/// Tries `component` on all laws of its slot; what it says of itself, where it
/// says it.
pub(super) fn try_all(
    component: &Component,
    is_model: &dyn Fn(&str) -> bool,
    trial: &mut Trial<'_>,
) -> Option<Declared> {
    let declared = match trial.ask(&Describe) {
        Ok(Ok(declared)) => declared,
        Ok(Err(error)) => {
            trial.levers(error.to_string());
            return None;
        }
        Err(breach) => {
            trial.note(&Describe, &[breach]).ok()?;
            return None;
        }
    };
    let tried = match component.slot() {
        Slot::AliasResolver => resolver::try_all(&declared, is_model, trial),
        Slot::PreferenceDial => dial::try_all(&declared, trial),
        Slot::FloorClamp => clamp::try_all(&declared, trial),
    };
    // Where it stopped, the trial has the reason.
    tried.ok().map(|()| declared)
}

/// What does it say of itself?
struct Describe;

impl Ask for Describe {
    type Answer = Result<Declared, LeverError>;

    fn ask(&self, component: &Component) -> Result<(Self::Answer, Used), Fault> {
        let (description, used) = component.describe()?;
        Ok((Declared::read(description), used))
    }
}

impl std::fmt::Display for Describe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("describe")
    }
}
