//! `ainfera serve`: the gateway.

use super::configured::ConfigArgs;
use super::failure::Failure;
use crate::server;

#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(args: &ServeArgs) -> Result<(), Failure> {
    let config = args.config.load().map_err(Failure::unusable)?;
    server::run(config).await.map_err(Failure::refused)
}
