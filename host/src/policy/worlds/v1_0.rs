//! `ainfera:policy@1.0.0`: frozen.

use jiff::civil::Date;

use super::World;
use crate::policy::call::{Answers, Call};
use crate::policy::limits::Used;
use crate::policy::sandbox::Fault;

pub use bindings::ainfera::policy::types;

/// Generated from `wit/policy.wit`. Of the worlds only the types are used, and
/// all share those: a function is called by its index.
#[allow(missing_docs, dead_code, clippy::all)]
mod bindings {
    wasmtime::component::bindgen!({ path: "../wit/policy.wit", world: "alias-resolver" });
}

/// The first version.
pub(super) struct V1_0;

impl World for V1_0 {
    fn version(&self) -> &'static str {
        "1.0.0"
    }

    fn describe(&self, call: &Call<'_>) -> Result<(types::Description, Used), Fault> {
        call.once(())
    }

    fn listing(&self, call: &Call<'_>) -> Result<(types::Listing, Used), Fault> {
        call.once(())
    }

    fn resolve(&self, call: &Call<'_>, inputs: &[(&str, Date)]) -> Answers<types::Resolution> {
        let inputs = inputs.iter();
        call.each(inputs.map(|(model, day)| (*model, types::Date::from(*day))))
    }

    fn apply(
        &self,
        call: &Call<'_>,
        inputs: &[(Option<&str>, types::Decimal, bool)],
    ) -> Answers<types::Decimal> {
        call.each(inputs.iter().copied())
    }

    fn clamp(
        &self,
        call: &Call<'_>,
        inputs: &[(types::Decimal, types::Decimal)],
    ) -> Answers<types::Decimal> {
        call.each(inputs.iter().copied())
    }
}

impl From<Date> for types::Date {
    fn from(day: Date) -> Self {
        Self {
            year: u16::try_from(day.year()).unwrap_or(0),
            month: day.month().unsigned_abs(),
            day: day.day().unsigned_abs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::store::Digest;

    /// The released text of the contract, every byte of it.
    const FROZEN: &str = "9539d988a3a0537ddaf418e96ca3c934efd48e19be11f5f619354f562f714fd2";

    #[test]
    fn the_contract_is_frozen() {
        let wit = include_bytes!("../../../../wit/policy.wit");
        assert_eq!(
            Digest::of(wit).to_string(),
            FROZEN,
            "wit/policy.wit is released: components are built against it. Put it back, and \
             add a version as docs/contract-versions.md says"
        );
    }
}
