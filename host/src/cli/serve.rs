//! `ainfera serve`: the gateway.

use std::env;
use std::path::PathBuf;

use super::failure::Failure;
use crate::config::Config;
use crate::server;

/// Names the configuration file where no argument does.
const CONFIG: &str = "AINFERA_CONFIG";

#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    /// Configuration file, TOML [env: AINFERA_CONFIG]
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

pub(super) async fn run(args: &ServeArgs) -> Result<(), Failure> {
    let path = args.config.clone().or_else(|| {
        env::var_os(CONFIG)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    });
    let config =
        Config::load(path.as_deref(), |name| env::var(name).ok()).map_err(Failure::unusable)?;
    server::run(config).await.map_err(Failure::refused)
}
