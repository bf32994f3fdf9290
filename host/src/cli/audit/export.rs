//! `ainfera audit export`.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::WhereArgs;
use crate::audit::line::End;
use crate::audit::verify::Place;
use crate::audit::{Line, database};
use crate::cli::failure::Failure;
use crate::store::{AgentId, Store};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportArgs {
    /// Where to; else standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show the bodies of this agent's events alone, the others by their digests
    #[arg(long, value_name = "ID")]
    agent: Option<AgentId>,
    #[command(flatten)]
    place: WhereArgs,
}

pub(super) async fn run(args: &ExportArgs) -> Result<(), Failure> {
    let store = args.place.open().await?;
    let Some(path) = &args.out else {
        return match write(&store, args.agent, BufWriter::new(io::stdout())).await? {
            // Who stops reading (`| head`) has what it wants.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done
                .map(drop)
                .map_err(|error| Failure::file(Path::new("standard output"), &error)),
        };
    };
    let mut options = OpenOptions::new();
    // Who did what is nobody else's to read.
    options.write(true).create(true).truncate(true).mode(0o600);
    let file = options
        .open(path)
        .map_err(|error| Failure::file(path, &error))?;
    let end = write(&store, args.agent, BufWriter::new(file))
        .await?
        .map_err(|error| Failure::file(path, &error))?;
    let End {
        chains,
        checkpoints,
        events,
    } = end;
    eprintln!(
        "{events} events of {chains} chains and {checkpoints} checkpoints in {}",
        path.display()
    );
    Ok(())
}

/// Writes every line, and says how many of each there were.
async fn write(
    store: &Store,
    agent: Option<AgentId>,
    mut out: impl Write,
) -> Result<io::Result<End>, Failure> {
    let mut done = Ok(End::default());
    database::lines(store, Place::default(), |line| {
        let line = match (line, agent) {
            (Line::Event(event), Some(agent)) => Line::Event(event.shown_to(agent)),
            (line, _) => line,
        };
        let written = serde_json::to_writer(&mut out, &line)
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n"));
        if let Err(error) = written {
            done = Err(error);
            return ControlFlow::Break(());
        }
        if let Line::End(end) = line {
            done = Ok(end);
        }
        ControlFlow::Continue(())
    })
    .await
    .map_err(Failure::unusable)?;
    Ok(done.and_then(|end| out.flush().map(|()| end)))
}
