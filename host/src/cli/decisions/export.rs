//! `ainfera decisions export`: a line of JSON for each routed call.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use super::window::WindowArgs;
use super::{ConfigArgs, Failure, open};
use crate::cli::progress::Progress;
use crate::store::Store;
use crate::store::history::History;

#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    #[command(flatten)]
    window: WindowArgs,
    /// Where to; else standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(args: &ExportArgs) -> Result<(), Failure> {
    let store = open(&args.config).await?;
    let Some(path) = &args.out else {
        let lines = BufWriter::new(io::stdout());
        return match write(&store, args, lines).await {
            // Who stops reading (`| head`) has what it wants.
            Err(Broken::File(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done
                .map(|_| ())
                .map_err(|broken| broken.failure("standard output".as_ref())),
        };
    };
    let mut options = OpenOptions::new();
    // Who called when, and from which session, is nobody else's to read.
    options.write(true).create(true).truncate(true).mode(0o600);
    let file = options
        .open(path)
        .map_err(|error| Failure::file(path, &error))?;
    let count = write(&store, args, BufWriter::new(file))
        .await
        .map_err(|broken| broken.failure(path))?;
    eprintln!("{count} decisions in {}", path.display());
    Ok(())
}

/// Why an export is not whole.
enum Broken {
    File(io::Error),
    Other(Failure),
}

impl Broken {
    fn failure(self, path: &std::path::Path) -> Failure {
        match self {
            Self::File(error) => Failure::file(path, &error),
            Self::Other(failure) => failure,
        }
    }
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Self::File(error.into())
    }
}

async fn write(store: &Store, args: &ExportArgs, mut lines: impl Write) -> Result<u64, Broken> {
    let unreadable = |error| Broken::Other(Failure::unusable(error));
    let mut history = History::open(store, args.window.window())
        .await
        .map_err(unreadable)?;
    let (mut count, mut progress) = (0, Progress::new("decisions exported"));
    loop {
        let page = history.page().await.map_err(unreadable)?;
        if page.is_empty() {
            break;
        }
        for decision in &page {
            serde_json::to_writer(&mut lines, decision)?;
            lines.write_all(b"\n").map_err(Broken::File)?;
            count += 1;
        }
        progress.at(count);
    }
    lines.flush().map_err(Broken::File)?;
    Ok(count)
}
