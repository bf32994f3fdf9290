//! `ainfera plugin replay`: what components would have changed, found out from an
//! exported log, with no gateway.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::found;
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::cli::show::{self, say};
use crate::lifecycle::reference;
use crate::lifecycle::replay::{Replay, Replayer};
use crate::policy::{Component, PolicyEngine, PolicySet, Slot};
use crate::store::calls::Inputs;

#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// Components, or folders of their projects: one for each slot that changes
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The decisions: lines of `ainfera decisions export` (`-` is standard input)
    #[arg(long, value_name = "LOG")]
    log: PathBuf,
    /// A component of the set that they are compared with; where a slot has
    /// none, that of the built-in set
    #[arg(long, value_name = "FILE")]
    base: Vec<PathBuf>,
    /// Print JSON: the whole replay
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ReplayArgs) -> Result<(), Failure> {
    let engine = found::engine()?;
    let [resolver, dial, clamp] = Slot::ALL.map(|slot| load(&engine, reference(slot)));
    let built_in = Parts([resolver?, dial?, clamp?]);
    let before = built_in.with(&engine, &args.base)?;
    let after = before.with(&engine, &args.files)?;
    let replayer = Replayer::new(&before.set()?, &after.set()?);
    let found = if args.log.as_os_str() == "-" {
        lines(&args.log, io::stdin().lock(), replayer)?
    } else {
        let file = File::open(&args.log).map_err(|error| Failure::file(&args.log, &error))?;
        lines(&args.log, BufReader::new(file), replayer)?
    };
    if args.json {
        return show::json(&serde_json::to_value(&found)?);
    }
    say!("{}", show::replay(&found));
    Ok(())
}

/// The components of a set, in the order of the slots.
struct Parts([Arc<Component>; 3]);

impl Parts {
    /// The same with those of `files` in their slots.
    fn with(&self, engine: &PolicyEngine, files: &[PathBuf]) -> Result<Self, Failure> {
        let (mut parts, mut filled) = (self.0.clone(), Vec::new());
        for path in files {
            let component = load(engine, &found::bytes(path)?)
                .map_err(|failure| Failure::refused(format!("{}: {failure}", path.display())))?;
            let slot = component.slot();
            if filled.contains(&slot) {
                return Err(Failure::unusable(format!(
                    "{} fills slot {slot} too; give one component for a slot",
                    path.display()
                )));
            }
            filled.push(slot);
            parts
                .iter_mut()
                .filter(|part| part.slot() == slot)
                .for_each(|part| *part = Arc::clone(&component));
        }
        Ok(Self(parts))
    }

    fn set(&self) -> Result<PolicySet, Failure> {
        let [resolver, dial, clamp] = self.0.clone();
        PolicySet::new(resolver, dial, clamp).map_err(Failure::refused)
    }
}

fn load(engine: &PolicyEngine, bytes: &[u8]) -> Result<Arc<Component>, Failure> {
    Component::load(engine, bytes)
        .map(Arc::new)
        .map_err(Failure::refused)
}

fn lines(path: &Path, lines: impl BufRead, mut replayer: Replayer) -> Result<Replay, Failure> {
    let mut progress = Progress::new("decisions decided again");
    for (index, line) in lines.lines().enumerate() {
        let line = line.map_err(|error| Failure::file(path, &error))?;
        let inputs: Inputs = serde_json::from_str(&line).map_err(|error| {
            Failure::unusable(format!(
                "{} line {}: {error}; expected a line of `ainfera decisions export`",
                path.display(),
                index + 1
            ))
        })?;
        replayer.add(&inputs);
        progress.at(replayer.seen());
    }
    Ok(replayer.finish())
}
