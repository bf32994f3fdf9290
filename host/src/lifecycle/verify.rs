//! Verification: whether a component may ever become part of a policy set.
//!
//! Takes tens of milliseconds and as long as [`laws`] bounds it: run it off
//! every request path.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::laws::{self, Code, Reason, Stop, Trial};
use crate::policy::engine::FINGERPRINT;
use crate::policy::levers::Declared;
use crate::policy::{CompileError, Component, LoadError, PolicyEngine, Slot};
use crate::store::Digest;

/// A call may take this many times the most that any verified call took.
const FUEL_MARGIN: u64 = 4;
/// What every component may take, however little it used: microseconds.
const LEAST_FUEL: u64 = 20_000;

/// A component that keeps every law of its slot.
#[derive(Debug)]
pub struct Verified {
    /// Ready to run, within its fuel budget.
    pub component: Arc<Component>,
    /// What was found.
    pub report: Report,
}

/// What the verification of a good component found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Verification)]
pub struct Report {
    /// The slot that it fills.
    pub slot: Slot,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Bytes.
    pub size: usize,
    /// What it says of itself, found true.
    pub declared: Declared,
    /// The most fuel that a call took.
    pub max_fuel: u64,
    /// The fuel that a call may take.
    pub fuel_budget: u64,
    /// Questions asked, each twice.
    pub cases: u64,
    /// The engine on which this holds.
    pub fingerprint: &'static str,
}

/// A component that may not be used.
#[derive(Clone, Debug, thiserror::Error, Serialize, ToSchema)]
#[schema(as = Rejection)]
#[error("the component is rejected: {}", .reasons.first().map_or("no reason was kept", |reason| &reason.message))]
pub struct Rejected {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// The slot that it would fill, where it got that far.
    pub slot: Option<Slot>,
    /// Why; at least one.
    pub reasons: Vec<Reason>,
    /// The engine on which this was found.
    pub fingerprint: &'static str,
}

impl Rejected {
    /// Whether this says nothing about the component: the compiler could not be
    /// run to its end.
    #[must_use]
    pub fn undecided(&self) -> bool {
        let mut reasons = self.reasons.iter();
        reasons.any(|reason| reason.code == Code::Compiler)
    }
}

/// Verifies `bytes`. `is_model` tells the names that the catalog has.
///
/// # Errors
/// With every law broken, and the input that breaks it.
pub fn verify(
    engine: &PolicyEngine,
    bytes: &[u8],
    is_model: &dyn Fn(&str) -> bool,
) -> Result<Verified, Rejected> {
    let digest = Digest::of(bytes);
    let rejected = |slot, reasons| Rejected {
        digest,
        slot,
        reasons,
        fingerprint: FINGERPRINT,
    };
    let component =
        Component::load(engine, bytes).map_err(|error| rejected(None, vec![unloadable(&error)]))?;
    let slot = component.slot();
    let mut trial = Trial::new(&component);
    let declared = match tried(&component, is_model, &mut trial) {
        Ok(declared) => declared,
        Err(Stop(reason)) => {
            let mut reasons = trial.reasons();
            reasons.push(reason);
            return Err(rejected(Some(slot), reasons));
        }
    };
    let (max_fuel, cases) = (trial.max_fuel, trial.cases);
    let reasons = trial.reasons();
    if !reasons.is_empty() {
        return Err(rejected(Some(slot), reasons));
    }
    let fuel_budget = max_fuel
        .saturating_mul(FUEL_MARGIN)
        .clamp(LEAST_FUEL, component.limits().fuel);
    let report = Report {
        slot,
        digest,
        size: bytes.len(),
        declared,
        max_fuel,
        fuel_budget,
        cases,
        fingerprint: FINGERPRINT,
    };
    Ok(Verified {
        component: Arc::new(component.with_fuel(fuel_budget)),
        report,
    })
}

fn tried(
    component: &Component,
    is_model: &dyn Fn(&str) -> bool,
    trial: &mut Trial<'_>,
) -> Result<Declared, Stop> {
    trial.ask(&|| "describe".to_owned(), |component| {
        let (description, used) = component.describe()?;
        // The bindings' records cannot be compared themselves.
        Ok((format!("{description:?}"), used))
    })?;
    let levers = |message| {
        Stop(Reason {
            code: Code::Levers,
            law: None,
            input: Some("describe".to_owned()),
            message,
        })
    };
    let (description, _) = component
        .describe()
        .map_err(|fault| levers(fault.to_string()))?;
    let declared = Declared::read(description).map_err(|error| levers(error.to_string()))?;
    laws::try_all(component, &declared, is_model, trial)?;
    Ok(declared)
}

fn unloadable(error: &LoadError) -> Reason {
    let code = match error {
        LoadError::TooLarge { .. } => Code::TooLarge,
        LoadError::NotWasm
        | LoadError::CoreModule
        | LoadError::Precompiled
        | LoadError::Compile(CompileError::Invalid(_)) => Code::NotAComponent,
        LoadError::Compile(CompileError::Unavailable(_)) => Code::Compiler,
        LoadError::Compile(_) => Code::CompileBomb,
        LoadError::Imports(_) => Code::Imports,
        LoadError::WrongWorld(_) | LoadError::ExtraExport { .. } | LoadError::Missing { .. } => {
            Code::WrongWorld
        }
    };
    Reason {
        code,
        law: None,
        input: None,
        message: error.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const REFERENCE: [(&[u8], Slot); 4] = [
        (
            include_bytes!("../../../plugins/dist/alias-resolver.wasm"),
            Slot::AliasResolver,
        ),
        (
            include_bytes!("../../../plugins/dist/preference-dial.wasm"),
            Slot::PreferenceDial,
        ),
        (
            include_bytes!("../../../plugins/dist/preference-dial-steep.wasm"),
            Slot::PreferenceDial,
        ),
        (
            include_bytes!("../../../plugins/dist/floor-clamp.wasm"),
            Slot::FloorClamp,
        ),
    ];

    #[test]
    fn the_reference_components_keep_every_law() {
        let engine = PolicyEngine::new().unwrap();
        for (bytes, slot) in REFERENCE {
            let started = Instant::now();
            let Verified { component, report } = verify(&engine, bytes, &|_| false).unwrap();
            assert_eq!((component.slot(), report.slot), (slot, slot));
            assert!(report.cases > 300 && report.max_fuel > 0, "{report:?}");
            assert!(report.fuel_budget >= LEAST_FUEL.max(FUEL_MARGIN * report.max_fuel));
            println!(
                "{slot}: {} cases, {} fuel, {:?}",
                report.cases,
                report.max_fuel,
                started.elapsed()
            );
            // Generous: several tests run at once.
            assert!(started.elapsed() < Duration::from_secs(10));
        }
    }

    #[test]
    fn a_listed_catalog_name_is_rejected() {
        let engine = PolicyEngine::new().unwrap();
        let rejected = verify(&engine, REFERENCE[0].0, &|name| name == "ainfera-auto").unwrap_err();
        assert_eq!(rejected.reasons.len(), 1);
        assert_eq!(rejected.reasons[0].law.as_deref(), Some("no-catalog-name"));
        assert_eq!(
            rejected.reasons[0].input.as_deref(),
            Some("name \"ainfera-auto\"")
        );
    }

    #[test]
    fn what_is_no_component_is_rejected() {
        let engine = PolicyEngine::new().unwrap();
        let mut cut = REFERENCE[1].0.to_vec();
        cut.truncate(cut.len() / 2);
        for (bytes, code) in [
            (&b""[..], Code::NotAComponent),
            (b"hello", Code::NotAComponent),
            (b"\0asm\x01\0\0\0", Code::NotAComponent),
            (b"\0asm\x0d\0\x01\0", Code::WrongWorld),
            (&cut, Code::NotAComponent),
            (&vec![0; (32 << 20) + 1], Code::TooLarge),
        ] {
            let rejected = verify(&engine, bytes, &|_| false).unwrap_err();
            assert_eq!(rejected.reasons[0].code, code, "{rejected}");
        }
    }
}
