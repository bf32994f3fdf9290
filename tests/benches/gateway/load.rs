//! The load: keeps a number of connections busy, each with one call at a time.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::error::BenchError;
use crate::http1::{Connection, Kind};
use crate::prompt::Prompt;
use crate::stats::percentile;

/// One round of load.
#[derive(clap::Args)]
pub struct Settings {
    /// Address and port to call.
    #[arg(long)]
    target: String,
    /// The client's key.
    #[arg(long)]
    key: String,
    /// What to ask for.
    #[arg(long)]
    prompt: Prompt,
    /// Connections, each with one call at a time.
    #[arg(long)]
    concurrency: usize,
    /// Milliseconds that are not measured at the start.
    #[arg(long)]
    warm_up: u64,
    /// Milliseconds that are measured.
    #[arg(long)]
    measured: u64,
}

/// What one round measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// Good answers in a second.
    pub rate: f64,
    /// Median time to the end of an answer, in microseconds.
    pub p50_us: f64,
    /// 99th percentile of the same.
    pub p99_us: f64,
    /// Median time to the first byte of a body, in microseconds.
    pub first_us: f64,
    /// Good answers in the whole round, the warm-up included.
    pub calls: u64,
    /// Other answers in the whole round.
    pub failed: u64,
    /// The first of those, as text.
    pub first_failure: Option<String>,
    /// Length of the whole round in seconds.
    pub seconds: f64,
}

/// What one connection saw. Times are nanoseconds; a call that takes longer than four seconds
/// counts as four.
#[derive(Default)]
struct Seen {
    whole: Vec<u32>,
    first: Vec<u32>,
    in_time: u64,
    calls: u64,
    failed: u64,
    first_failure: Option<String>,
}

/// The two instants that bound what is measured.
#[derive(Clone, Copy)]
struct Bounds {
    from: Instant,
    until: Instant,
}

/// Runs the round and prints its [`Measured`] as a line of JSON.
pub fn run(settings: &Settings) -> Result<(), BenchError> {
    let measured = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::io("start a runtime"))?
        .block_on(round(settings))?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

async fn round(settings: &Settings) -> Result<Measured, BenchError> {
    let mut connections = Vec::new();
    for _ in 0..settings.concurrency {
        let stream = TcpStream::connect(&settings.target).await;
        let stream = stream.map_err(BenchError::io("connect to the target"))?;
        connections.push(Connection::new(stream)?);
    }
    let start = Instant::now();
    let from = start + Duration::from_millis(settings.warm_up);
    let measured = Duration::from_millis(settings.measured);
    let bounds = Bounds {
        from,
        until: from + measured,
    };
    let request: &'static [u8] = request(settings).leak();
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn(call_until(connection, settings.prompt, request, bounds));
    }
    let mut all = Seen::default();
    for seen in tasks.join_all().await {
        all.add(seen?);
    }
    Ok(all.measured(measured, start.elapsed()))
}

/// The bytes of every call of the round.
fn request(settings: &Settings) -> Vec<u8> {
    call(&settings.target, &settings.key, settings.prompt)
}

/// The bytes of a call.
pub fn call(target: &str, key: &str, prompt: Prompt) -> Vec<u8> {
    let body = prompt.body();
    format!(
        "POST /v1/messages HTTP/1.1\r\nhost: {target}\r\nx-api-key: {key}\r\nanthropic-version: 2023-06-01\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Calls until the time is over; the last call is finished, so that nothing is cancelled.
async fn call_until(
    mut connection: Connection,
    prompt: Prompt,
    request: &[u8],
    bounds: Bounds,
) -> Result<Seen, BenchError> {
    let mut seen = Seen::default();
    loop {
        let start = Instant::now();
        if start >= bounds.until {
            return Ok(seen);
        }
        let written = connection.stream.write_all(request).await;
        written.map_err(BenchError::io("write a call"))?;
        let Some(answer) = connection.read(Kind::Response).await? else {
            return Err(BenchError::Http("the connection closed instead".to_owned()));
        };
        if !prompt.is_answered(answer.status, answer.body) {
            seen.failed += 1;
            let words = || format!("{} {}", answer.status, String::from_utf8_lossy(answer.body));
            seen.first_failure.get_or_insert_with(words);
            continue;
        }
        let end = Instant::now();
        seen.calls += 1;
        if end >= bounds.from && end < bounds.until {
            seen.in_time += 1;
        }
        if start >= bounds.from {
            seen.whole.push(nanoseconds(end - start));
            seen.first.push(nanoseconds(answer.first_byte - start));
        }
    }
}

fn nanoseconds(time: Duration) -> u32 {
    u32::try_from(time.as_nanos()).unwrap_or(u32::MAX)
}

impl Seen {
    /// Adds what another connection saw.
    fn add(&mut self, mut other: Self) {
        self.whole.append(&mut other.whole);
        self.first.append(&mut other.first);
        self.in_time += other.in_time;
        self.calls += other.calls;
        self.failed += other.failed;
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }

    /// The round's figures. Without a good answer the times are 0.
    fn measured(mut self, measured: Duration, all: Duration) -> Measured {
        let micros = |values: &mut Vec<u32>, share| {
            f64::from(percentile(values, share).unwrap_or_default()) / 1e3
        };
        Measured {
            rate: self.in_time as f64 / measured.as_secs_f64(),
            p50_us: micros(&mut self.whole, 0.5),
            p99_us: micros(&mut self.whole, 0.99),
            first_us: micros(&mut self.first, 0.5),
            calls: self.calls,
            failed: self.failed,
            first_failure: self.first_failure,
            seconds: all.as_secs_f64(),
        }
    }
}
