//! The commands. One file for each.
//!
//! Exit codes: 0 done; 1 refused or rejected, with the reasons on stderr;
//! 2 wrong usage, or the gateway cannot be reached.

mod api;
mod ask;
mod audit;
mod backup;
mod catalog;
mod configured;
mod decisions;
mod failure;
mod founder;
mod gate;
mod keygen;
mod ledger;
mod plugin;
mod progress;
mod serve;
mod show;
mod smoke;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::policy::compile;

/// An LLM inference gateway whose routing policy is hot-swappable WebAssembly
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the client API and the admin API
    Serve(serve::ServeArgs),
    /// Make a founder's key
    Keygen(keygen::KeygenArgs),
    /// Write, build, check, replay, propose, authorize and roll back policy components
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Open or close a gate
    #[command(subcommand)]
    Gate(gate::GateCommand),
    /// The catalog of models, venues and offers
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Verify and export the audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// The routed calls on record: export them, decide them again
    #[command(subcommand)]
    Decisions(decisions::DecisionsCommand),
    /// Copy the database to a file, whether a gateway runs on it or not
    Backup(backup::BackupArgs),
    /// What tenants pay and spend: verify the books, show a balance, top up
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Call providers and report how they answer
    Smoke(smoke::SmokeArgs),
    /// Tokens of the admin API: make, list and revoke them
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Founders' keys
    #[command(subcommand)]
    Founder(founder::FounderCommand),
    /// Compile a component for the process that started this one
    #[command(hide = true)]
    CompileComponent(compile::Task),
}

impl Cli {
    /// Runs the one command that must have the process to itself: it bounds
    /// what the whole process may take. None where this is another command.
    #[must_use]
    pub fn alone(&self) -> Option<ExitCode> {
        match self.command {
            Some(Command::CompileComponent(task)) => Some(compile::work(task).into()),
            _ => None,
        }
    }
}

/// Runs a command to its end.
pub async fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        None => serve::run(&cli.serve).await,
        Some(Command::Serve(args)) => serve::run(&args).await,
        Some(Command::Keygen(args)) => keygen::run(&args),
        Some(Command::Plugin(command)) => plugin::run(command).await,
        Some(Command::Gate(command)) => gate::run(&command).await,
        Some(Command::Catalog(command)) => catalog::run(&command).await,
        Some(Command::Audit(command)) => audit::run(&command).await,
        Some(Command::Decisions(command)) => decisions::run(&command).await,
        Some(Command::Backup(args)) => backup::run(&args).await,
        Some(Command::Ledger(command)) => ledger::run(&command).await,
        Some(Command::Smoke(args)) => smoke::run(&args).await,
        Some(Command::Token(command)) => token::run(&command).await,
        Some(Command::Founder(command)) => founder::run(&command).await,
        // Its turn was `Cli::alone`.
        Some(Command::CompileComponent(_)) => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.code()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_commands_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
