//! The gateways that are compared, and the files and databases behind them.

use std::path::{Path, PathBuf};

use ainfera_tests::database::Database;
use ainfera_tests::postgres::Cluster;
use serde::Serialize;

use crate::error::BenchError;
use crate::pinned::{self, Cores, Running};
use crate::run::Plan;
use crate::seed;
use crate::settings::{gateway_binary, gateway_settings};

/// What a gateway records in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing: built with the feature `unrecorded`.
    Off,
    /// A file of its own.
    Sqlite,
    /// A database of a server that writes to its disk as an operator's does.
    Postgres,
}

/// One of the gateways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Way {
    /// What it records in.
    pub kind: Kind,
    /// The calls that are there before the first.
    pub rows: u64,
}

impl Way {
    /// Without records: what the others are compared with.
    pub const OFF: Self = Self {
        kind: Kind::Off,
        rows: 0,
    };

    /// How the report names it.
    pub fn name(self) -> String {
        let kind = match self.kind {
            Kind::Off => return "records off".to_owned(),
            Kind::Sqlite => "SQLite",
            Kind::Postgres => "PostgreSQL",
        };
        format!("{kind}, {} calls", self.rows)
    }
}

/// The processes of a run. Dropped, and so killed, in this order, before their files go.
pub struct Ways {
    gateways: Vec<(Way, Running)>,
    _upstream: Running,
    _databases: Vec<Database>,
    _cluster: Option<Cluster>,
    _files: Files,
}

impl Ways {
    /// Starts them, with what they are to hold.
    pub fn start(plan: &Plan, cores: Cores) -> Result<Self, BenchError> {
        let (on, off) = (gateway_binary()?, unrecorded()?);
        let files = Files::new()?;
        let this = std::env::current_exe().map_err(BenchError::io("find this program"))?;
        let mut command = pinned::command(cores.harness, &this);
        command.arg("upstream");
        let upstream = Running::start("upstream", command, &files.0.join("upstream.log"))?;
        let cluster = plan
            .postgres
            .then(|| Cluster::start_with(&["fsync=on", "autovacuum=on"]));
        let (mut gateways, mut databases) = (Vec::new(), Vec::new());
        for (number, way) in plan.ways().into_iter().enumerate() {
            let folder = files.0.join(number.to_string());
            std::fs::create_dir_all(&folder).map_err(BenchError::io("make a directory"))?;
            let binary = if way.kind == Kind::Off { &off } else { &on };
            let database = match (way.kind, &cluster) {
                (Kind::Postgres, Some(cluster)) => Some(cluster.database()),
                _ => None,
            };
            let start = || {
                let command = pinned::command(cores.measured, binary);
                let mut command = gateway_settings(command, &folder, &upstream.url)?;
                if let Some(url) = database.as_ref().and_then(Database::url) {
                    command.env("AINFERA_DATABASE_URL", url);
                }
                Running::start("gateway", command, &folder.join("log"))
            };
            let mut gateway = start()?;
            if way.rows > 0 {
                eprintln!("{}: filling the database", way.name());
                seed::one_call(&gateway.url)?;
                drop(gateway);
                let filled = database.clone();
                let filled = filled.unwrap_or_else(|| Database::in_directory(&folder.join("data")));
                seed::fill(&filled, way.rows);
                gateway = start()?;
            }
            gateways.push((way, gateway));
            databases.extend(database);
        }
        Ok(Self {
            gateways,
            _upstream: upstream,
            _databases: databases,
            _cluster: cluster,
            _files: files,
        })
    }

    /// The process of each.
    pub fn all(&self) -> impl Iterator<Item = (Way, &Running)> {
        self.gateways.iter().map(|(way, running)| (*way, running))
    }
}

/// The gateway that records nothing.
fn unrecorded() -> Result<PathBuf, BenchError> {
    let named = std::env::var_os("AINFERA_UNRECORDED_BIN").map(PathBuf::from);
    let binary = named.unwrap_or_else(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        let target = target.unwrap_or(Path::new("target"));
        target.join("release/ainfera-unrecorded")
    });
    if binary.is_file() {
        Ok(binary)
    } else {
        Err(BenchError::NoGateway(binary))
    }
}

/// A directory on the disk that holds the build.
struct Files(PathBuf);

impl Files {
    fn new() -> Result<Self, BenchError> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("records-bench");
        // Left by a run that was interrupted.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).map_err(BenchError::io("make a directory"))?;
        Ok(Self(path))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // The next run removes what this one can't.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
