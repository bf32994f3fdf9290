//! What the three policy steps cost: from memory, in fresh sandboxes, on one
//! reused instance, and as plain native code. Prints nanoseconds and ratios
//! from one run; never fails on a number.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use ainfera::policy::worlds::v1_0::types::Decimal as Crossing;
use ainfera::policy::{Component, Floor, PolicyEngine, PolicySet};
use ainfera_policy::{Decimal, clamp, decimal, dial};
use jiff::civil::{Date, date};

/// As in the gateway: a fresh sandbox allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 15;
/// Calls of one reused instance.
const BATCH: usize = 250;
const TODAY: Date = date(2026, 11, 22);
const DIAL: dial::Levers = dial::Levers::new(decimal!(0.10), decimal!(-0.10));
const CLAMP: clamp::Levers = clamp::Levers::new(decimal!(0.50), decimal!(0.85));
const NAMES: [&str; 4] = [
    "ainfera-inference",
    "ainfera-mithril",
    "ainfera-auto",
    "ainfera/auto",
];

/// The reference set, and its parts for the ways past the memo.
struct Bench {
    set: PolicySet,
    resolver: Arc<Component>,
    dial: Arc<Component>,
    clamp: Arc<Component>,
}

/// A way to decide: its name, how, and the runs of a round.
type Way = (&'static str, fn(&Bench, u32) -> Result<(), Failure>, u32);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    // Run as a test, as `cargo test --all-targets` does, it only starts up.
    let measured = std::env::args().any(|arg| arg == "--bench");
    let bench = Bench::new()?;
    let ways: [Way; 4] = [
        ("memo hit", Bench::hit, 200_000),
        ("fresh miss", Bench::fresh, 3_000),
        ("reused store", Bench::reused, 5_000),
        ("native", Bench::native, 1_000_000),
    ];
    let mut times = [const { Vec::new() }; 4];
    for round in 0..if measured { ROUNDS } else { 1 } {
        for (index, times) in times.iter_mut().enumerate() {
            // The order rotates, so that a busy moment hits no way more than another.
            let Some((_, way, runs)) = ways.get((index + round) % ways.len()) else {
                continue;
            };
            let runs = if measured { *runs } else { BATCH as u32 };
            let began = Instant::now();
            way(&bench, runs)?;
            times.push((
                (index + round) % ways.len(),
                began.elapsed().as_nanos() as f64 / f64::from(runs),
            ));
        }
    }
    if measured {
        report(
            &ways.map(|(name, _, _)| name),
            times.into_iter().flatten().collect(),
        );
    }
    Ok(())
}

fn report(names: &[&str; 4], times: Vec<(usize, f64)>) {
    let median = |way: usize| {
        let mut of_way: Vec<f64> = times
            .iter()
            .filter(|(index, _)| *index == way)
            .map(|(_, ns)| *ns)
            .collect();
        of_way.sort_by(f64::total_cmp);
        of_way.get(of_way.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let [hit, fresh, reused, native] = [0, 1, 2, 3].map(median);
    println!("policy pipeline: resolver, dial and clamp for one call; median of {ROUNDS} rounds");
    for (name, ns) in names.iter().zip([hit, fresh, reused, native]) {
        println!(
            "  {name:<14}{ns:>12.1} ns{:>10.2} x reused store",
            ns / reused
        );
    }
    println!("  fresh miss, one evaluation: {:.1} ns", fresh / 3.0);
    println!(
        "  targets: fresh <= 12 x reused: {}; memo hit <= 0.5 x reused: {}",
        fresh <= 12.0 * reused,
        hit <= 0.5 * reused
    );
}

impl Bench {
    fn new() -> Result<Self, Failure> {
        let engine = PolicyEngine::new()?;
        let load = |bytes: &[u8]| Component::load(&engine, bytes).map(Arc::new);
        let resolver = load(include_bytes!("../../plugins/dist/alias-resolver.wasm"))?;
        let dial = load(include_bytes!("../../plugins/dist/preference-dial.wasm"))?;
        let clamp = load(include_bytes!("../../plugins/dist/floor-clamp.wasm"))?;
        let set = PolicySet::new(Arc::clone(&resolver), Arc::clone(&dial), Arc::clone(&clamp))?;
        Ok(Self {
            set,
            resolver,
            dial,
            clamp,
        })
    }

    fn hit(&self, runs: u32) -> Result<(), Failure> {
        for name in NAMES.iter().cycle().take(runs as usize) {
            black_box(self.set.classify(black_box(name), TODAY)?);
            black_box(
                self.set
                    .floor(black_box(Some("quality")), Floor::DEFAULT, true)?,
            );
        }
        Ok(())
    }

    fn fresh(&self, runs: u32) -> Result<(), Failure> {
        for name in NAMES.iter().cycle().take(runs as usize) {
            black_box(self.resolver.resolve(black_box(name), TODAY)?);
            let (dialled, _) =
                self.dial
                    .apply(black_box(Some("quality")), Floor::DEFAULT.into(), true)?;
            black_box(self.clamp.clamp(Floor::DEFAULT.into(), dialled)?);
        }
        Ok(())
    }

    fn reused(&self, runs: u32) -> Result<(), Failure> {
        // A lean guest's allocator never frees: an instance has memory for some
        // hundred calls.
        let runs = runs as usize;
        let base = Crossing::from(Floor::DEFAULT);
        let names: Vec<_> = NAMES
            .iter()
            .cycle()
            .take(BATCH)
            .map(|name| (*name, TODAY))
            .collect();
        for _ in 0..runs / BATCH {
            black_box(self.resolver.resolve_on_one_instance(&names)?);
            black_box(
                self.dial
                    .apply_on_one_instance(&[(Some("quality"), base, true); BATCH])?,
            );
            black_box(self.clamp.clamp_on_one_instance(
                &[(
                    base,
                    Crossing {
                        units: 60,
                        scale: 2,
                    },
                ); BATCH],
            )?);
        }
        Ok(())
    }

    fn native(&self, runs: u32) -> Result<(), Failure> {
        for name in NAMES.iter().cycle().take(runs as usize) {
            black_box(NAMES.contains(black_box(name)));
            let base: Decimal = decimal!(0.50);
            let dialled = DIAL.apply(black_box(Some("quality")), base, black_box(true));
            black_box(CLAMP.clamp(black_box(base), dialled));
        }
        Ok(())
    }
}
