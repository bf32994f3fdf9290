//! The three ways, started once for all rounds.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::BenchError;
use crate::pinned::{self, Cores, Running};
use crate::plan::Plan;
use crate::settings::{gateway_binary, gateway_settings};

/// A way to the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// No one between.
    Direct,
    /// The bare byte-copying proxy.
    Proxy,
    /// The gateway.
    Gateway,
}

impl Way {
    /// How the report names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Proxy => "proxy",
            Self::Gateway => "gateway",
        }
    }
}

/// The processes behind the ways, and the directory of their files.
pub struct Ways {
    // Dropped, and so killed, in this order, before the directory goes.
    gateway: Option<Running>,
    proxy: Running,
    upstream: Running,
    files: Files,
}

impl Ways {
    /// Starts them.
    pub fn start(plan: &Plan, cores: Cores) -> Result<Self, BenchError> {
        // Looked for first: who has no gateway hears of it at once.
        let binary = if plan.baseline {
            None
        } else {
            Some(gateway_binary()?)
        };
        let files = Files::new()?;
        let log = |name: &str| files.0.join(format!("{name}.log"));
        let this = std::env::current_exe().map_err(BenchError::io("find this program"))?;

        let mut command = pinned::command(cores.harness, &this);
        command.arg("upstream");
        let upstream = Running::start("upstream", command, &log("upstream"))?;

        let mut command = pinned::command(cores.measured, &this);
        command.args(["proxy", "--upstream", &upstream.url]);
        let proxy = Running::start("proxy", command, &log("proxy"))?;

        let gateway = binary
            .map(|binary| {
                let command = pinned::command(cores.measured, &binary);
                let command = gateway_settings(command, &files.0, &upstream.url)?;
                Running::start("gateway", command, &log("gateway"))
            })
            .transpose()?;
        Ok(Self {
            gateway,
            proxy,
            upstream,
            files,
        })
    }

    /// The process that answers on a way, if it runs.
    pub fn process(&self, way: Way) -> Option<&Running> {
        match way {
            Way::Direct => Some(&self.upstream),
            Way::Proxy => Some(&self.proxy),
            Way::Gateway => self.gateway.as_ref(),
        }
    }

    /// The ways that run.
    pub fn all(&self) -> impl Iterator<Item = Way> {
        let gateway = self.gateway.is_some().then_some(Way::Gateway);
        [Way::Direct, Way::Proxy].into_iter().chain(gateway)
    }

    /// Where the gateway keeps its data.
    pub fn data(&self) -> PathBuf {
        self.files.data()
    }
}

/// A directory on the disk that holds the build, so that records meet a real disk; a temporary
/// one may be memory.
struct Files(PathBuf);

impl Files {
    fn new() -> Result<Self, BenchError> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateway-bench");
        // Left by a run that was interrupted.
        let _ = std::fs::remove_dir_all(&path);
        let files = Self(path);
        std::fs::create_dir_all(files.data()).map_err(BenchError::io("make a directory"))?;
        Ok(files)
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // The next run removes what this one can't.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
