//! What a call pays to read which set decides: in this process, with nothing around.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use ainfera::policy::{Active, Component, Gates, Generation, PolicyEngine, PolicySet, Snapshot};
use ainfera_tests::plugins;

const READS: u32 = 20_000_000;

/// Nanoseconds for a read: with nobody else, and while the set is swapped all
/// the time.
pub fn read() -> (f64, f64) {
    let engine = PolicyEngine::new().expect("an engine");
    let component =
        |name: &str| Arc::new(Component::load(&engine, &plugins::dist(name)).expect("a component"));
    let set = PolicySet::new(
        component("alias-resolver"),
        component("preference-dial"),
        component("floor-clamp"),
    );
    let set = Arc::new(set.expect("a set"));
    let snapshot = Snapshot {
        active: Arc::new(Generation::new(1, Arc::clone(&set))),
        last_good: None,
        gates: Gates::default(),
        shadow: None,
    };
    let (alarm, _alarms) = tokio::sync::mpsc::channel(1);
    let active = Active::new(snapshot, alarm);
    let alone = nanoseconds(&active);
    let stop = AtomicBool::new(false);
    let swapped = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 1;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                active.activate(Arc::new(Generation::new(number, Arc::clone(&set))));
            }
        });
        let swapped = nanoseconds(&active);
        stop.store(true, Ordering::Relaxed);
        swapped
    });
    (alone, swapped)
}

fn nanoseconds(active: &Active) -> f64 {
    let started = Instant::now();
    for _ in 0..READS {
        black_box(active.load().active.number);
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(READS)
}
