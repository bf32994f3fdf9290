//! A set replayed against itself changes nothing; against another, exactly what
//! the levers say.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;
use crate::policy::{Component, Floor, PolicyEngine};
use crate::store::calls::Inputs;

static SETS: LazyLock<[PolicySet; 2]> = LazyLock::new(|| {
    let engine = PolicyEngine::new().unwrap();
    let load = |bytes: &[u8]| Arc::new(Component::load(&engine, bytes).unwrap());
    let resolver = load(include_bytes!(
        "../../../../plugins/dist/alias-resolver.wasm"
    ));
    let clamp = load(include_bytes!("../../../../plugins/dist/floor-clamp.wasm"));
    [
        include_bytes!("../../../../plugins/dist/preference-dial.wasm").as_slice(),
        include_bytes!("../../../../plugins/dist/preference-dial-steep.wasm"),
    ]
    .map(|dial| PolicySet::new(Arc::clone(&resolver), load(dial), Arc::clone(&clamp)).unwrap())
});

fn reference() -> &'static PolicySet {
    &SETS[0]
}

fn steep() -> &'static PolicySet {
    &SETS[1]
}

/// A line of an export: qualities 0.50, 0.60, 0.70 for 1, 2 and 4 thousandths
/// of a dollar.
fn line(number: u32, preference: Option<&str>, live: bool) -> Value {
    json!({
        "request_id": format!("req_{number:016x}"), "agent_id": "agt_0000000000000001",
        "requested": "ainfera-auto", "resolver_date": "2026-11-22", "preference": preference,
        "base_floor": "0.50", "gates": {"routing_preference_live": live},
        "candidates": [
            {"offer": "a@p", "quality": "0.50", "estimate_nanousd": 1_000_000},
            {"offer": "b@p", "quality": "0.60", "estimate_nanousd": 2_000_000},
            {"offer": "c@p", "quality": "0.70", "estimate_nanousd": 4_000_000},
        ],
        "outcome_status": "succeeded", "call_cap_nanousd": null,
    })
}

fn inputs(line: &Value) -> Inputs {
    serde_json::from_str(&line.to_string()).unwrap()
}

fn replayed(after: &PolicySet, lines: &[Value]) -> Replay {
    let mut replayer = Replayer::new(reference(), after);
    lines.iter().for_each(|line| replayer.add(&inputs(line)));
    replayer.finish()
}

#[test]
fn a_steeper_dial_moves_what_its_levers_say() {
    let found = replayed(
        steep(),
        &[
            line(1, Some("quality"), true),
            line(2, Some("quality"), false),
            line(3, Some("balanced"), true),
            line(4, None, true),
        ],
    );
    assert_eq!((found.decided, found.window.decisions), (4, 4));
    assert_eq!(found.window.first.as_deref(), Some("req_0000000000000001"));
    assert_eq!(found.window.last.as_deref(), Some("req_0000000000000004"));
    let recorded = &found.as_recorded;
    assert_eq!(recorded.total.changed, 1);
    insta::assert_snapshot!(serde_json::to_string(&recorded.total).unwrap(), @r#"{"decisions":4,"changed":1,"other_name":0,"floor_up":1,"floor_down":0,"other_offer":1,"now_rejected":0,"now_accepted":0,"now_failing":0,"before":{"offers":4,"cost_usd":"0.005","quality":"0.525"},"after":{"offers":4,"cost_usd":"0.007","quality":"0.55"}}"#);
    insta::assert_snapshot!(serde_json::to_string(&recorded.models).unwrap(), @r#"[{"target":"ainfera-inference","before":"b@p","after":"c@p","decisions":1},{"target":"ainfera-inference","before":"a@p","after":"a@p","decisions":3}]"#);
    insta::assert_snapshot!(serde_json::to_string(&recorded.examples).unwrap(), @r#"[{"request_id":"req_0000000000000001","preference":"quality","base":"0.50","before":{"target":"ainfera-inference","floor":"0.60","offer":"b@p"},"after":{"target":"ainfera-inference","floor":"0.70","offer":"c@p"}}]"#);
    let words: Vec<&str> = recorded.preferences.keys().map(String::as_str).collect();
    assert_eq!(words, ["balanced", "none", "quality"]);
    assert_eq!(recorded.agents[0].tally, recorded.total);
    // What the closed gate hides shows with the gate open.
    assert_eq!(found.gate_open.total.changed, 2);
    assert_eq!(found.gate_open.total.floor_up, 2);
}

#[test]
fn caps_and_lost_offers_are_told_apart() {
    let mut dear = line(1, Some("quality"), true);
    dear["max_cost"] = json!("0.003");
    let mut capped = line(2, Some("quality"), true);
    capped["call_cap_nanousd"] = json!(3_000_000);
    let mut floored = line(3, Some("quality"), true);
    floored["candidates"] = json!([{"offer": "b@p", "quality": "0.60", "estimate_nanousd": 2}]);
    let mut nobody = line(4, Some("quality"), true);
    nobody["candidates"] = json!([]);
    let found = replayed(steep(), &[dear, capped, floored, nobody]);
    let total = &found.as_recorded.total;
    assert_eq!(
        (total.now_rejected, total.floor_up, total.changed),
        (3, 4, 4)
    );
    let refused: Vec<Option<Refused>> = found
        .as_recorded
        .examples
        .iter()
        .map(|example| example.after.refused)
        .collect();
    use Refused::{CallCap, Cost, Floor, NoOffer};
    assert_eq!(
        refused,
        [Some(Cost), Some(CallCap), Some(Floor), Some(NoOffer)]
    );
    let both = &found.as_recorded.both;
    assert_eq!((both.before.offers, both.after.offers), (0, 0));
    assert_eq!(both.before.quality, None);
}

#[test]
fn what_was_not_decided_and_what_is_unreadable_is_counted_apart() {
    let mut inactive = line(1, None, true);
    inactive["base_floor"] = Value::Null;
    let mut unavailable = line(2, None, true);
    unavailable["candidates"] = Value::Null;
    let mut odd = line(3, None, true);
    odd["gates"] = json!("open");
    let mut half = line(4, None, true);
    half["min_quality"] = json!("half");
    let found = replayed(steep(), &[inactive, unavailable, odd, half]);
    let counts = (found.decided, found.undecided, found.unreadable);
    assert_eq!(counts, (0, 2, 2));
    assert_eq!(found.as_recorded.total.changed, 0);
}

#[test]
fn a_replay_is_the_same_each_time_and_pinned_by_its_ids() {
    let lines = [line(1, Some("cost"), true), line(2, Some("quality"), true)];
    let text = |lines| serde_json::to_string(&replayed(steep(), lines)).unwrap();
    assert_eq!(text(&lines), text(&lines));
    let back: Replay = serde_json::from_str(&text(&lines)).unwrap();
    assert_eq!(back, replayed(steep(), &lines));
    let other = replayed(steep(), &[lines[0].clone(), line(3, Some("quality"), true)]);
    assert_ne!(other.window.ids_sha256, back.window.ids_sha256);
    let none = replayed(steep(), &[]);
    assert_eq!(none.window.ids_sha256, crate::store::Digest::of(b""));
    assert_eq!(none.window.first, None);
}

#[test]
fn the_recorded_set_decides_what_the_record_says() {
    for (preference, live, floor, offer) in [
        (Some("quality"), true, "0.60", "b@p"),
        (Some("quality"), false, "0.50", "a@p"),
        (Some("cost"), true, "0.50", "a@p"),
        (None, true, "0.50", "a@p"),
    ] {
        let inputs = inputs(&line(1, preference, live));
        let basis = Basis::read(&inputs).ok().unwrap();
        let outcome = Outcome::of(&basis, reference(), basis.live);
        assert_eq!(outcome.floor, Some(floor.parse::<Floor>().unwrap()));
        assert_eq!(outcome.offer(), Some(offer), "{preference:?} {live}");
    }
}

fn base() -> impl Strategy<Value = Decimal> {
    (0u32..=18).prop_flat_map(|scale| {
        (0..=10_i64.pow(scale)).prop_map(move |units| Decimal::new(units, scale))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nothing changes, whatever the records say; nor does it for calls that
    /// give their floor, by any set.
    #[test]
    fn a_set_against_itself_changes_nothing(
        base in base(),
        explicit in prop::option::of(base()),
        preference in prop::option::of(prop_oneof![
            Just("quality".to_owned()), Just("cost".into()), "\\PC{0,70}",
        ]),
        name in prop_oneof![Just("ainfera-inference".to_owned()), Just("ainfera/auto".into()), "\\PC{0,20}"],
        live in any::<bool>(),
        cap in prop::option::of(0_i64..5_000_000),
    ) {
        let mut call = line(1, preference.as_deref(), live);
        call["requested"] = json!(name);
        call["base_floor"] = json!(base.to_string());
        call["min_quality"] = json!(explicit.map(|floor| floor.to_string()));
        call["call_cap_nanousd"] = json!(cap);
        let mut against = vec![reference()];
        against.extend(explicit.is_some().then(steep));
        for after in against {
            let found = replayed(after, std::slice::from_ref(&call));
            for part in [&found.as_recorded, &found.gate_open] {
                prop_assert_eq!(part.total.changed, 0);
                prop_assert_eq!(&part.total.before, &part.total.after);
                prop_assert_eq!(&part.examples, &Vec::<Example>::new());
            }
        }
    }
}
