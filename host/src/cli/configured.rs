//! The gateway's configuration, for the commands that work on its files.

use std::env;
use std::path::PathBuf;

use crate::config::{Config, ConfigError};

/// Names the configuration file where no argument does.
const CONFIG: &str = "AINFERA_CONFIG";

#[derive(Debug, clap::Args)]
pub(super) struct ConfigArgs {
    /// Configuration file, TOML [env: AINFERA_CONFIG]
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

impl ConfigArgs {
    pub(super) fn load(&self) -> Result<Config, ConfigError> {
        let path = self.config.clone().or_else(|| {
            env::var_os(CONFIG)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
        });
        Config::load(path.as_deref(), |name| env::var(name).ok())
    }
}
