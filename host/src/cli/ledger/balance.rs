//! `ainfera ledger balance`.

use serde_json::Value;

use crate::cli::api::{ApiArgs, part};
use crate::cli::failure::Failure;
use crate::cli::show::{plain, say};
use crate::store::TenantId;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BalanceArgs {
    /// The tenant's id
    #[arg(value_name = "TENANT")]
    tenant: TenantId,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(args: &BalanceArgs) -> Result<(), Failure> {
    let api = args.api.connect()?;
    let account = api.get(&format!("tenants/{}/account", args.tenant)).await?;
    for (what, field) in [
        ("available", "available_usd"),
        ("held", "held_usd"),
        ("charged", "charged_usd"),
        ("paid in", "paid_in_usd"),
        ("credit limit", "credit_limit_usd"),
    ] {
        say!("{what}: {}", usd(&account, field));
    }
    let agents: Vec<Value> = part(&account, "agents")?;
    for agent in agents {
        let id: String = part(&agent, "agent")?;
        say!(
            "{}: {} charged and {} held today, of at most {}",
            plain(&id),
            usd(&agent, "day_charged_usd"),
            usd(&agent, "day_held_usd"),
            usd(&agent, "day_cap_usd")
        );
    }
    Ok(())
}

/// An amount; `none` where there is none.
fn usd(of: &Value, field: &str) -> String {
    match of.get(field).and_then(Value::as_str) {
        Some(amount) => format!("{} USD", plain(amount)),
        None => "none".to_owned(),
    }
}
