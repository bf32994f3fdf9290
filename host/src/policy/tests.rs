//! The reference set, through the sandbox and every native check.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::sync::{Arc, LazyLock};

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

const DIST: [&[u8]; 3] = [
    include_bytes!("../../../plugins/dist/alias-resolver.wasm"),
    include_bytes!("../../../plugins/dist/preference-dial.wasm"),
    include_bytes!("../../../plugins/dist/floor-clamp.wasm"),
];

static REFERENCE: LazyLock<PolicySet> = LazyLock::new(|| {
    let engine = PolicyEngine::new().unwrap();
    let [resolver, dial, clamp] =
        DIST.map(|bytes| Arc::new(Component::load(&engine, bytes).unwrap()));
    PolicySet::new(resolver, dial, clamp).unwrap()
});

fn floor(base: &str, preference: &str, live: bool) -> String {
    let base = base.parse().unwrap();
    REFERENCE
        .floor(Some(preference), base, live)
        .unwrap()
        .floor
        .to_string()
}

#[test]
fn the_table_of_reference_floors() {
    for (base, preference, expected) in [
        ("0.50", "quality", "0.60"),
        ("0.50", "cost", "0.50"),
        ("0.80", "quality", "0.85"),
        ("0.90", "quality", "0.90"),
        ("0.95", "quality", "0.95"),
        ("0.40", "cost", "0.40"),
        ("0.30", "quality", "0.40"),
    ] {
        assert_eq!(
            floor(base, preference, true),
            expected,
            "{base} {preference}"
        );
        assert_eq!(
            floor(base, preference, false),
            base,
            "{base} {preference}, gate closed"
        );
    }
}

#[test]
fn the_dialled_value_may_leave_the_interval() {
    let dialled = REFERENCE
        .floor(Some("quality"), "0.95".parse().unwrap(), true)
        .unwrap();
    assert_eq!(
        (dialled.dialled.to_string(), dialled.floor.to_string()),
        ("1.05".into(), "0.95".into())
    );
}

#[test]
fn the_four_routing_names_are_one_target() {
    let day = date(2026, 11, 22);
    for name in [
        "ainfera-inference",
        "ainfera-mithril",
        "ainfera-auto",
        "ainfera/auto",
    ] {
        let expected = Classified::Routed {
            target: "ainfera-inference".into(),
            via_alias: name != "ainfera-inference",
            deprecated: None,
            sunset: None,
        };
        assert_eq!(*REFERENCE.classify(name, day).unwrap(), expected);
    }
    for name in [
        "",
        "ainfera",
        "Ainfera-Inference",
        "claude-opus-4-7",
        &"a".repeat(256),
        &"a".repeat(257),
    ] {
        assert_eq!(
            *REFERENCE.classify(name, day).unwrap(),
            Classified::Unknown,
            "{name}"
        );
    }
}

#[test]
fn a_reference_guest_is_lean() {
    for slot in Slot::ALL {
        let (_, used) = REFERENCE.component(slot).describe().unwrap();
        assert!(used.fuel < 5_000, "{slot}: {used:?}");
        assert_eq!(used.memory, 1 << 16, "{slot}");
    }
    let (_, used) = REFERENCE
        .component(Slot::PreferenceDial)
        .apply(Some("quality"), Floor::DEFAULT.into(), true)
        .unwrap();
    assert!(used.fuel < 2_000, "{used:?}");
}

fn base() -> impl Strategy<Value = Floor> {
    (0u32..=18).prop_flat_map(|scale| {
        (0..=10_i64.pow(scale))
            .prop_map(move |units| Floor::new(Decimal::new(units, scale)).unwrap())
    })
}

proptest! {
    /// Rule 3: whatever is not exactly `quality` or `cost`, and everything with
    /// the gate closed, gives the base byte for byte, over bases and scales.
    #[test]
    fn the_base_stays_byte_for_byte(
        base in base(),
        odd in prop::option::of(prop_oneof![
            Just("balanced".to_owned()), Just(String::new()), Just("Quality".into()), Just("qualty".into()),
            Just("cost ".into()), "\\PC{0,70}", "q{64,70}",
        ]),
        known in prop::sample::select(vec!["quality", "cost", "balanced"]),
    ) {
        prop_assume!(!matches!(odd.as_deref(), Some("quality" | "cost")));
        let open = REFERENCE.floor(odd.as_deref(), base, true).unwrap();
        prop_assert_eq!((open.floor, open.floor.to_string()), (base, base.to_string()));
        let closed = REFERENCE.floor(Some(known), base, false).unwrap();
        prop_assert_eq!((closed.floor, closed.floor.to_string()), (base, base.to_string()));
    }

    /// The reference set as section 4 of the specification writes it: median of base, dialled
    /// value, and the dialled value put into the bounds.
    #[test]
    fn the_floor_is_the_median(base in base(), quality in any::<bool>()) {
        let (lower, upper) = (Decimal::new(50, 2), Decimal::new(85, 2));
        let lever = Decimal::new(if quality { 10 } else { -10 }, 2);
        let dialled = base.get() + lever;
        let mut three = [base.get(), dialled, dialled.clamp(lower, upper)];
        three.sort();
        let got = REFERENCE.floor(Some(if quality { "quality" } else { "cost" }), base, true).unwrap();
        prop_assert_eq!(got.floor.get(), three[1]);
        prop_assert_eq!(got.dialled, dialled);
    }
}
