//! `ainfera ledger`: what tenants pay and spend. `verify` works beside a gateway
//! that runs, or without one, and only reads the database; the others ask the
//! gateway.

mod balance;
mod top_up;
mod verify;

use clap::Subcommand;

use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LedgerCommand {
    /// Verify that the books balance, and name what is wrong
    Verify(verify::VerifyArgs),
    /// Show what a tenant has, and what its agents spent today
    Balance(balance::BalanceArgs),
    /// Pay in for a tenant
    TopUp(top_up::TopUpArgs),
}

pub(super) async fn run(command: &LedgerCommand) -> Result<(), Failure> {
    match command {
        LedgerCommand::Verify(args) => verify::run(args).await,
        LedgerCommand::Balance(args) => balance::run(args).await,
        LedgerCommand::TopUp(args) => top_up::run(args).await,
    }
}
