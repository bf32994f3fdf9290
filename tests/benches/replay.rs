//! What a replay of many recorded decisions costs, all of it: read from SQLite,
//! decided by both sets with the gates as recorded and open, counted. Prints the
//! time, the processor time and the peak of memory; never fails on a number.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ainfera::lifecycle::replay::{MOST, Window, replay};
use ainfera::policy::{Component, PolicyEngine, PolicySet};
use ainfera::store::{Store, StoreConfig};

/// As in the gateway.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

/// Decisions of a run that is not measured.
const FEW: u32 = 1_000;

/// A call of one of 50 agents, with one of five preferences, seven bases and
/// ten candidates; one call in ten gives its floor.
const SEED: &str = "
    INSERT INTO call_opened (key, at_us, tenant, agent, router, route, stream, requested,
        canonical, alias, resolver_date, preference, min_quality, base_floor, gates,
        text_bytes, images, tools, thinking, candidates, dispatched)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    SELECT i * 4096, i * 1000, 1, i % 50, 'policy', '/v1/messages', 1,
        CASE i % 2 WHEN 0 THEN 'ainfera-inference' ELSE 'ainfera/auto' END, 'ainfera-inference',
        i % 2, '2026-11-22',
        CASE i % 5 WHEN 0 THEN 'quality' WHEN 1 THEN 'cost' WHEN 2 THEN 'balanced'
            WHEN 3 THEN 'other' END,
        CASE i % 10 WHEN 9 THEN '0.70' END, '0.' || (3 + i % 7) || '0',
        CASE i % 3 WHEN 0 THEN '{\"routing_preference_live\":false}'
            ELSE '{\"routing_preference_live\":true}' END,
        4000, 0, 0, 0, ?2, 1
    FROM n";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Run as a test, as `cargo test --all-targets` does, it only starts up.
    let measured = std::env::args().any(|arg| arg == "--bench");
    let decisions = if measured { MOST } else { FEW };
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("replay.db");
    let store = Store::open(StoreConfig::at(path.clone())).await?;
    seed(&path, decisions)?;
    let [before, after] = sets()?;
    let window = Window {
        latest: Some(decisions),
        ..Window::default()
    };
    let (started, cpu) = (Instant::now(), cpu_time()?);
    let found = replay(&store, &window, &before, &after).await?;
    let (took, cpu) = (started.elapsed(), cpu_time()? - cpu);
    let total = &found.as_recorded.total;
    println!(
        "{} decisions, {} change: {:.2} s, {:.2} s of processor time ({:.2} µs a decision), peak memory {}",
        found.decided,
        total.changed,
        took.as_secs_f64(),
        cpu.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / f64::from(decisions),
        peak()?
    );
    store.close().await;
    Ok(())
}

fn seed(path: &Path, decisions: u32) -> Result<(), Failure> {
    let candidates: Vec<String> = (0..10)
        .map(|offer| {
            format!(
                r#"{{"offer":"model-{offer}@provider","quality":"0.{}0","estimate_nanousd":{}}}"#,
                offer,
                (offer + 1) * 1_234_567
            )
        })
        .collect();
    let candidates = format!("[{}]", candidates.join(","));
    let database = rusqlite::Connection::open(path)?;
    database.execute(SEED, rusqlite::params![decisions, candidates])?;
    Ok(())
}

/// The reference set, and the same with the steep dial.
fn sets() -> Result<[PolicySet; 2], Failure> {
    let engine = PolicyEngine::new()?;
    let load = |bytes: &[u8]| Component::load(&engine, bytes).map(Arc::new);
    let resolver = load(include_bytes!("../../plugins/dist/alias-resolver.wasm"))?;
    let clamp = load(include_bytes!("../../plugins/dist/floor-clamp.wasm"))?;
    let set = |dial: &[u8]| -> Result<PolicySet, Failure> {
        Ok(PolicySet::new(
            Arc::clone(&resolver),
            load(dial)?,
            Arc::clone(&clamp),
        )?)
    };
    Ok([
        set(include_bytes!("../../plugins/dist/preference-dial.wasm"))?,
        set(include_bytes!(
            "../../plugins/dist/preference-dial-steep.wasm"
        ))?,
    ])
}

/// Processor time of this process, all threads: user and system, of
/// `/proc/self/stat`, which counts in hundredths of a second.
fn cpu_time() -> Result<Duration, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// `VmHWM` of this process.
fn peak() -> Result<String, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let size = line
        .and_then(|line| line.split_once(':'))
        .ok_or("no VmHWM")?;
    Ok(size.1.trim().to_owned())
}
