//! The versions of the contract, served side by side.
//!
//! A version is frozen once it is released: its WIT is never touched again, and
//! its module here stays. `docs/contract-versions.md` says how another is added.
//!
//! What the host computes with are the types of 1.0: the module of a later
//! version turns what crosses there into these, and back.

#[cfg(test)]
mod later;
pub mod v1_0;

use jiff::civil::Date;

use super::call::{Answers, Call};
use super::limits::Used;
use super::sandbox::Fault;
use v1_0::types;

/// Every version that is served. The first is that of a component which names
/// none.
const ALL: &[&dyn World] = &[
    &v1_0::V1_0,
    #[cfg(test)]
    &later::Later,
];

/// One version of the contract: how each function is called. Of several inputs each is answered in turn, in one
/// sandbox.
pub(super) trait World: Send + Sync {
    /// Its number, as it stands in the name of the package: `1.0.0`.
    fn version(&self) -> &'static str;

    /// What a component says of itself.
    fn describe(&self, call: &Call<'_>) -> Result<(types::Description, Used), Fault>;

    /// The lists of a resolver.
    fn listing(&self, call: &Call<'_>) -> Result<(types::Listing, Used), Fault>;

    /// What a resolver makes of names, each on a day.
    fn resolve(&self, call: &Call<'_>, inputs: &[(&str, Date)]) -> Answers<types::Resolution>;

    /// What a dial makes of preferences, each at a base, the gate open or not.
    fn apply(
        &self,
        call: &Call<'_>,
        inputs: &[(Option<&str>, types::Decimal, bool)],
    ) -> Answers<types::Decimal>;

    /// What a clamp makes of moves, each from a base to a dialled value.
    fn clamp(
        &self,
        call: &Call<'_>,
        inputs: &[(types::Decimal, types::Decimal)],
    ) -> Answers<types::Decimal>;
}

/// The world of this version, if it is served.
pub(super) fn of(version: &str) -> Option<&'static dyn World> {
    ALL.iter().copied().find(|world| world.version() == version)
}

/// The world of a component that does not say its version: it uses none of the
/// contract's types.
pub(super) fn first() -> &'static dyn World {
    &v1_0::V1_0
}

/// The versions that are served, in words.
pub(super) fn served() -> String {
    let versions: Vec<&str> = ALL.iter().map(|world| world.version()).collect();
    versions.join(", ")
}
