//! `ainfera ledger top-up`.

use serde_json::json;

use crate::cli::api::{ApiArgs, part};
use crate::cli::failure::Failure;
use crate::cli::show::{plain, say};
use crate::store::TenantId;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TopUpArgs {
    /// The tenant's id
    #[arg(value_name = "TENANT")]
    tenant: TenantId,
    /// US dollars; below 0 pays back
    #[arg(value_name = "AMOUNT", allow_negative_numbers = true)]
    amount: String,
    /// Of the payment: sent twice, it is one
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// What to keep with it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(args: &TopUpArgs) -> Result<(), Failure> {
    let api = args.api.connect()?;
    let top_up = json!({
        "amount_usd": args.amount,
        "reference": args.reference,
        "note": args.note,
    });
    let made = api
        .post(&format!("tenants/{}/top-ups", args.tenant), &top_up)
        .await?;
    let (id, amount): (String, String) = (part(&made, "id")?, part(&made, "amount_usd")?);
    say!("{}: {} USD", plain(&id), plain(&amount));
    Ok(())
}
