//! `ainfera gate`: a boolean outside of plugins.

use clap::Subcommand;
use serde_json::json;

use super::api::{ApiArgs, part};
use super::failure::Failure;
use super::show::{plain, say};

#[derive(Debug, Subcommand)]
pub(super) enum GateCommand {
    /// Open a gate, such as routing_preference_live
    Open(GateArgs),
    /// Close it
    Close(GateArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct GateArgs {
    /// The gate's name
    name: String,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(command: &GateCommand) -> Result<(), Failure> {
    let (args, open) = match command {
        GateCommand::Open(args) => (args, true),
        GateCommand::Close(args) => (args, false),
    };
    if args.name.is_empty()
        || !args
            .name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Err(Failure::unusable(
            "a gate's name has letters, digits and `_`",
        ));
    }
    let api = args.api.connect()?;
    let gate = api
        .put(&format!("gates/{}", args.name), &json!({"open": open}))
        .await?;
    let name: String = part(&gate, "name")?;
    say!(
        "{} is {}",
        plain(&name),
        if part(&gate, "open")? {
            "open"
        } else {
            "closed"
        }
    );
    Ok(())
}
