//! What the kernel knows of a process: memory and processor time. Format: proc(5).

use serde::Serialize;

/// A process's memory in kibibytes. Zero where there is no `/proc`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Memory {
    /// Resident: pages of its own and of its files, shared ones counted whole.
    pub resident_kib: u64,
    /// The largest that has been.
    pub peak_kib: u64,
    /// The part of the resident pages that is no file's: heap, stacks, WebAssembly memories.
    pub anonymous_kib: u64,
    /// Resident, each shared page divided by the processes that share it.
    pub proportional_kib: u64,
}

impl Memory {
    /// Reads it now. The proportional size makes the kernel walk all pages.
    pub fn of(process: u32) -> Self {
        let status = read(process, "status");
        Self {
            resident_kib: kib(&status, "VmRSS:"),
            peak_kib: kib(&status, "VmHWM:"),
            anonymous_kib: kib(&status, "RssAnon:"),
            proportional_kib: kib(&read(process, "smaps_rollup"), "Pss:"),
        }
    }
}

/// Resident memory alone, in kibibytes; cheap.
pub fn resident_kib(process: u32) -> u64 {
    kib(&read(process, "status"), "VmRSS:")
}

/// Processor time of all the process's threads so far, in seconds; resolution 10 ms.
pub fn processor_seconds(process: u32) -> f64 {
    /// Linux shows times to programs in hundredths of a second on every architecture Rust's
    /// standard library supports.
    const TICKS_IN_A_SECOND: f64 = 100.0;
    let stat = read(process, "stat");
    // Fields are counted behind the name, which is in parentheses and may hold anything.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks = fields.split(' ').skip(11).take(2);
    ticks
        .filter_map(|field| field.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS_IN_A_SECOND
}

fn read(process: u32, file: &str) -> String {
    std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default()
}

fn kib(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or_default()
}
