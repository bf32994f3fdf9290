//! Verification: whether a component may ever become part of a policy set.
//!
//! Takes tens of milliseconds and as long as [`laws`] bounds it: run it off
//! every request path.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::laws::{self, Code, Reason, Trial};
use super::spread::Spread;
use crate::policy::levers::Declared;
use crate::policy::settings::FINGERPRINT;
use crate::policy::{CompileError, Component, LoadError, PolicyEngine, Slot, text};
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
    /// What is the same wherever and whenever it is verified.
    #[serde(flatten)]
    pub findings: Findings,
    /// SHA-256 of the canonical JSON of the findings.
    pub report_sha256: Digest,
    /// Microseconds that a fresh evaluation took, on this machine and this time.
    pub evaluation_us: Spread,
}

/// What is the same for one component on every machine with the same engine.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Findings {
    /// The slot that it fills.
    pub slot: Slot,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Bytes.
    pub size: usize,
    /// What it says of itself, found true.
    pub declared: Declared,
    /// Fuel that a call took.
    pub fuel: Spread,
    /// The most fuel that a call took.
    pub max_fuel: u64,
    /// The fuel that a call may take.
    pub fuel_budget: u64,
    /// The most memory that a call took, in bytes.
    pub max_memory: usize,
    /// Questions asked, each twice.
    pub cases: u64,
    /// The engine on which this holds.
    pub fingerprint: &'static str,
}

impl Report {
    fn new(findings: Findings, evaluation_us: Spread) -> Self {
        // Structs and strings alone: there is nothing that could fail.
        let json = serde_json_canonicalizer::to_vec(&findings).unwrap_or_default();
        Self {
            findings,
            report_sha256: Digest::of(&json),
            evaluation_us,
        }
    }
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
    /// One that does not load.
    pub(super) fn unloadable(digest: Digest, error: &LoadError) -> Self {
        Self {
            digest,
            slot: None,
            reasons: vec![unloadable(error)],
            fingerprint: FINGERPRINT,
        }
    }

    /// Whether this says nothing about the component: the compiler could not be
    /// run to its end.
    #[must_use]
    pub fn undecided(&self) -> bool {
        let mut reasons = self.reasons.iter();
        reasons.any(|reason| reason.code == Code::CompilerUnavailable)
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
        Component::load(engine, bytes).map_err(|error| Rejected::unloadable(digest, &error))?;
    let slot = component.slot();
    let limits = component.limits();
    let mut trial = Trial::new(&component, limits);
    let declared = laws::try_all(&component, is_model, &mut trial);
    let measured = trial
        .finish()
        .map_err(|reasons| rejected(Some(slot), reasons))?;
    // A trial without reasons has come to its end.
    let declared = declared.ok_or_else(|| rejected(Some(slot), Vec::new()))?;
    let fuel_budget = measured
        .fuel
        .max
        .saturating_mul(FUEL_MARGIN)
        .clamp(LEAST_FUEL, limits.fuel);
    let findings = Findings {
        slot,
        digest,
        size: bytes.len(),
        declared,
        fuel: measured.fuel,
        max_fuel: measured.fuel.max,
        fuel_budget,
        max_memory: measured.memory,
        cases: measured.cases,
        fingerprint: FINGERPRINT,
    };
    Ok(Verified {
        component: Arc::new(component.with_fuel(fuel_budget)),
        report: Report::new(findings, measured.time_us),
    })
}

fn unloadable(error: &LoadError) -> Reason {
    let code = match error {
        LoadError::TooLarge { .. } => Code::TooLarge,
        LoadError::NotWasm
        | LoadError::CoreModule
        | LoadError::Precompiled
        | LoadError::Compile(CompileError::Invalid(_)) => Code::NotAComponent,
        LoadError::Compile(CompileError::Unavailable(_)) => Code::CompilerUnavailable,
        LoadError::Compile(_) => Code::CompileBomb,
        LoadError::Imports(_) => Code::Imports,
        LoadError::Version(_)
        | LoadError::WrongWorld(_)
        | LoadError::ExtraExport { .. }
        | LoadError::Missing { .. } => Code::WrongWorld,
    };
    Reason {
        code,
        law: None,
        input: None,
        // The compiler's words may quote what the component calls things.
        message: text::escaped(&error.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::time::Instant;

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
            let found = &report.findings;
            assert_eq!((component.slot(), found.slot), (slot, slot));
            assert!(found.cases > 300, "{found:?}");
            assert!(found.fuel_budget >= LEAST_FUEL.max(FUEL_MARGIN * found.max_fuel));
            let Spread { p50, p99, max } = found.fuel;
            assert!(0 < p50 && p50 <= p99 && p99 <= max && max == found.max_fuel);
            assert_eq!(found.max_memory, 1 << 16);
            assert!(report.evaluation_us.max > 0);
            println!("{slot}: {report:?}, {:?}", started.elapsed());
        }
    }

    #[test]
    fn the_findings_and_their_hash_are_the_same_every_time() {
        let found = || {
            let engine = PolicyEngine::new().unwrap();
            let report = verify(&engine, REFERENCE[1].0, &|_| false).unwrap().report;
            (serde_json::to_value(&report.findings).unwrap(), report)
        };
        let ((findings, one), (again, other)) = (found(), found());
        assert_eq!(findings, again);
        assert_eq!(one.report_sha256, other.report_sha256);
        let canonical = serde_json_canonicalizer::to_vec(&findings).unwrap();
        assert_eq!(one.report_sha256, Digest::of(&canonical));
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
