//! The three ways, started once for all rounds.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use crate::error::BenchError;
use crate::pinned::{self, Cores, Running};
use crate::plan::Plan;

/// The client's key at the gateway; the other ways don't look at it.
pub const KEY: &str = "ainfera-bench-client-key";

/// One model at one provider, so that routing has what it needs and nothing to hesitate about.
const CATALOG: &str = r#"[providers.anthropic]
protocol = "anthropic"
base_url = "UPSTREAM"
key_env = "ANTHROPIC_API_KEY"

[providers.chat]
protocol = "openai-chat"
base_url = "UPSTREAM/v1"
key_env = "ANTHROPIC_API_KEY"

[[models]]
slug = "bench-model"
q_prior = "0.60"

[[models]]
slug = "bench-chat"
q_prior = "0.10"

[[offers]]
model = "bench-model"
provider = "anthropic"
upstream_model = "bench-upstream"
active = true
input_usd_per_mtok = "3"
output_usd_per_mtok = "15"
tools = true
context_tokens = 200000
max_output_tokens = 8192
default_output_tokens = 1024

[[offers]]
model = "bench-chat"
provider = "chat"
upstream_model = "bench-upstream"
active = true
input_usd_per_mtok = "3"
output_usd_per_mtok = "15"
tools = true
context_tokens = 200000
max_output_tokens = 8192
default_output_tokens = 1024
"#;

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

/// The gateway that was named, or the release build beside this bench's.
fn gateway_binary() -> Result<PathBuf, BenchError> {
    let named = std::env::var_os("AINFERA_BIN").map(PathBuf::from);
    let binary = named.unwrap_or_else(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        target
            .unwrap_or(Path::new("target"))
            .join("release/ainfera")
    });
    if binary.is_file() {
        Ok(binary)
    } else {
        Err(BenchError::NoGateway(binary))
    }
}

/// The gateway's settings: the defaults but for addresses, keys and the catalog.
fn gateway_settings(
    mut command: Command,
    files: &Path,
    upstream: &str,
) -> Result<Command, BenchError> {
    let catalog = files.join("catalog.toml");
    std::fs::write(&catalog, CATALOG.replace("UPSTREAM", upstream))
        .map_err(BenchError::io("write the catalog"))?;
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AINFERA_") {
            command.env_remove(name);
        }
    }
    command
        .env("AINFERA_LISTEN", "127.0.0.1:0")
        .env("AINFERA_ADMIN_LISTEN", "127.0.0.1:0")
        .env("AINFERA_DATA_DIR", files.join("data"))
        .env("AINFERA_BOOTSTRAP_API_KEY", KEY)
        .env("AINFERA_ADMIN_TOKEN", "ainfera-bench-admin-token")
        .env("AINFERA_CATALOG", catalog)
        .env("ANTHROPIC_API_KEY", "x");
    Ok(command)
}
