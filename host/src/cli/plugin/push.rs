//! `ainfera plugin push`: upload a component, and propose it for its slot.

use std::path::PathBuf;

use super::{propose, read};
use crate::cli::api::{ApiArgs, part};
use crate::cli::failure::Failure;
use crate::cli::show::{self, say};
use crate::policy::Slot;
use crate::store::Digest;

#[derive(Debug, clap::Args)]
pub struct PushArgs {
    /// The component
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The slot that it must fill; `auto` takes the one that it exports
    #[arg(long, value_name = "SLOT", default_value = "auto")]
    slot: String,
    #[command(flatten)]
    replay: propose::ReplayArgs,
    /// Print JSON: the change
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(args: &PushArgs) -> Result<(), Failure> {
    let wanted: Option<Slot> = match args.slot.as_str() {
        "auto" => None,
        slot => Some(
            slot.parse()
                .map_err(|error: String| Failure::unusable(error))?,
        ),
    };
    let api = args.api.connect()?;
    let plugin = api.upload(read(&args.file)?).await?;
    let (slot, digest): (Slot, Digest) = (part(&plugin, "slot")?, part(&plugin, "digest")?);
    if let Some(wanted) = wanted.filter(|wanted| *wanted != slot) {
        return Err(Failure::refused(format!(
            "{} fills slot {slot}, not {wanted}; nothing is proposed",
            args.file.display()
        )));
    }
    let change = propose::propose(&api, &[(slot, digest)].into(), &args.replay).await?;
    if args.json {
        return show::json(&change);
    }
    say!("verified {slot} {digest}");
    propose::print(&change)
}
