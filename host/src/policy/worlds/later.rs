//! A later version, as it might be: for the test that it and the first are
//! served side by side. It changes one function of one slot; everything else
//! is that of the first.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use jiff::civil::Date;
use wasmparser::{Parser, Payload};
use wasmtime::component::{ComponentType, Lower};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::v1_0::{V1_0, types};
use super::{World, served};
use crate::policy::call::{Answers, Call};
use crate::policy::limits::Used;
use crate::policy::sandbox::Fault;
use crate::policy::slot::Slot;
use crate::policy::{Component, LoadError, PolicyEngine, PolicySet};

const WIT: &str = include_str!("later.wit");

pub(super) struct Later;

#[derive(ComponentType, Lower)]
#[component(record)]
struct Move {
    base: types::Decimal,
    dialled: types::Decimal,
}

impl World for Later {
    fn version(&self) -> &'static str {
        "1.1.0"
    }

    fn describe(&self, call: &Call<'_>) -> Result<(types::Description, Used), Fault> {
        V1_0.describe(call)
    }

    fn listing(&self, call: &Call<'_>) -> Result<(types::Listing, Used), Fault> {
        V1_0.listing(call)
    }

    fn resolve(&self, call: &Call<'_>, inputs: &[(&str, Date)]) -> Answers<types::Resolution> {
        V1_0.resolve(call, inputs)
    }

    fn apply(
        &self,
        call: &Call<'_>,
        inputs: &[(Option<&str>, types::Decimal, bool)],
    ) -> Answers<types::Decimal> {
        V1_0.apply(call, inputs)
    }

    fn clamp(
        &self,
        call: &Call<'_>,
        inputs: &[(types::Decimal, types::Decimal)],
    ) -> Answers<types::Decimal> {
        let moves = inputs.iter().copied();
        call.each(moves.map(|(base, dialled)| (Move { base, dialled },)))
    }
}

const RESOLVER: &[u8] = include_bytes!("../../../../plugins/dist/alias-resolver.wasm");
const DIAL: &[u8] = include_bytes!("../../../../plugins/dist/preference-dial.wasm");
const CLAMP: &[u8] = include_bytes!("../../../../plugins/dist/floor-clamp.wasm");

/// The reference clamp as a component of the world in `wit`: a record of two
/// decimals crosses as two decimals do, so its core module can stay.
fn clamp_of(wit: &str) -> Vec<u8> {
    let range = Parser::new(0)
        .parse_all(CLAMP)
        .find_map(|payload| match payload.unwrap() {
            Payload::ModuleSection {
                unchecked_range, ..
            } => Some(unchecked_range.start as usize..unchecked_range.end as usize),
            _ => None,
        })
        .unwrap();
    let mut core = CLAMP.get(range).unwrap().to_vec();
    let mut resolve = Resolve::default();
    let package = resolve.push_str("later.wit", wit).unwrap();
    let world = resolve
        .select_world(&[package], Some("floor-clamp"))
        .unwrap();
    embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&core).unwrap().encode().unwrap()
}

#[test]
fn two_versions_are_served_side_by_side() {
    let engine = PolicyEngine::new().unwrap();
    let load = |bytes: &[u8]| Arc::new(Component::load(&engine, bytes).unwrap());
    let (resolver, dial, old) = (load(RESOLVER), load(DIAL), load(CLAMP));
    let new = load(&clamp_of(WIT));
    assert_eq!((old.contract(), new.contract()), ("1.0.0", "1.1.0"));
    assert_eq!(new.slot(), Slot::FloorClamp);
    let set = |clamp| PolicySet::new(Arc::clone(&resolver), Arc::clone(&dial), clamp).unwrap();
    let (old, new) = (set(old), set(new));
    assert_eq!(
        old.declared(Slot::FloorClamp),
        new.declared(Slot::FloorClamp)
    );
    for (base, preference, floor) in [
        ("0.50", "quality", "0.60"),
        ("0.80", "quality", "0.85"),
        ("0.40", "cost", "0.40"),
    ] {
        for set in [&old, &new] {
            let base = base.parse().unwrap();
            let dialled = set.floor(Some(preference), base, true).unwrap();
            assert_eq!(dialled.floor.to_string(), floor);
        }
    }
}

#[test]
fn a_version_that_is_not_served_is_named_beside_those_that_are() {
    let engine = PolicyEngine::new().unwrap();
    let unknown = clamp_of(&WIT.replace("@1.1.0", "@7.0.0"));
    match Component::load(&engine, &unknown) {
        Err(error @ LoadError::Version(_)) => {
            let text = error.to_string();
            assert!(text.contains("version 7.0.0"), "{text}");
            assert!(text.contains(&served()), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_function_of_another_version_is_not_called_by_this_one() {
    let engine = PolicyEngine::new().unwrap();
    // It says 1.0.0, and exports what 1.1 has.
    let liar = clamp_of(&WIT.replace("@1.1.0", "@1.0.0"));
    let liar = Component::load(&engine, &liar).unwrap();
    let decimal = types::Decimal { units: 5, scale: 1 };
    assert!(matches!(
        liar.clamp(decimal, decimal),
        Err(Fault::Answer(_))
    ));
}
