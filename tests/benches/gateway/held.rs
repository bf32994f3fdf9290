//! Streams that have begun and do not end: what each of them takes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde::Serialize;

use crate::error::BenchError;
use crate::load::call;
use crate::plan::Plan;
use crate::procfs;
use crate::prompt::Prompt;
use crate::settings::KEY;
use crate::ways::{Way, Ways};

/// How long the processes are left alone before their memory is read.
const SETTLE: Duration = Duration::from_secs(1);

/// The memory of open streams in one process.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Held {
    /// Whose.
    pub way: Way,
    /// How many were open at once.
    pub streams: usize,
    /// What each took: resident memory with them less resident memory before, divided by their
    /// number, in kibibytes.
    pub each_kib: f64,
}

/// Holds streams open, through the proxy and then the gateway.
pub fn open(ways: &Ways, plan: &Plan) -> Result<Vec<Held>, BenchError> {
    let measured = ways.all().filter(|way| *way != Way::Direct);
    measured.map(|way| held(ways, plan, way)).collect()
}

fn held(ways: &Ways, plan: &Plan, way: Way) -> Result<Held, BenchError> {
    let silent = || BenchError::NoAnswer {
        way: way.name(),
        words: "it does not run".to_owned(),
    };
    let process = ways.process(way).ok_or_else(silent)?;
    let target = process.url.trim_start_matches("http://");
    let request = call(target, KEY, Prompt::Open);
    let before = procfs::resident_kib(process.id());
    let mut streams = Vec::with_capacity(plan.open);
    for _ in 0..plan.open {
        streams.push(begun(target, &request)?);
    }
    std::thread::sleep(SETTLE);
    let with = procfs::resident_kib(process.id());
    Ok(Held {
        way,
        streams: streams.len(),
        each_kib: with.saturating_sub(before) as f64 / plan.open as f64,
    })
}

/// A stream whose first bytes are here.
fn begun(target: &str, request: &[u8]) -> Result<TcpStream, BenchError> {
    let mut stream = TcpStream::connect(target).map_err(BenchError::io("connect"))?;
    stream
        .write_all(request)
        .map_err(BenchError::io("write a call"))?;
    let mut seen = Vec::new();
    let mut piece = [0; 4096];
    while !seen.windows(13).any(|part| part == b"message_start") {
        let read = stream
            .read(&mut piece)
            .map_err(BenchError::io("read a stream"))?;
        if read == 0 {
            return Err(BenchError::Http("a stream ended instead".to_owned()));
        }
        seen.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
    Ok(stream)
}
