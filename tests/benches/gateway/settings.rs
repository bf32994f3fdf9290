//! How the gateway under measurement is set up.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::BenchError;

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

/// The gateway that was named, or the release build beside this bench's.
pub fn gateway_binary() -> Result<PathBuf, BenchError> {
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

/// The gateway's settings: the defaults but for addresses, keys and the catalog. Its files are in
/// `files`, which is there.
pub fn gateway_settings(
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
