//! `ainfera token`: who may call the admin API.

use clap::{Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::json;

use super::api::{ApiArgs, part};
use super::failure::Failure;
use super::show::{self, plain, say};
use crate::store::AdminTokenId;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token, which is shown this once
    Create(CreateArgs),
    /// List the tokens, revoked ones too
    List(ListArgs),
    /// Revoke a token: the next call with it is refused
    Revoke(RevokeArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct CreateArgs {
    /// Who gets it, for the audit: letters, digits, `.`, `_`, `@` and `-`
    name: String,
    /// What it opens
    #[arg(long, value_enum)]
    role: RoleArg,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct RevokeArgs {
    /// The token's id, `tok_…`, as `ainfera token list` shows it
    id: AdminTokenId,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    /// Everything; authorizing still takes a founder's signature
    Founder,
    /// Runs the gateway: tenants, catalog, roll back, closing of gates
    Operator,
    /// Writes plugins: uploads, tries and proposes them
    Author,
    /// Reads what was decided and done
    Auditor,
}

impl RoleArg {
    fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }
}

/// What is shown of a token.
#[derive(Deserialize)]
struct Token {
    id: String,
    name: String,
    role: String,
    actor: String,
    revoked_us: Option<i64>,
}

pub(super) async fn run(command: &TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Create(args) => create(args).await,
        TokenCommand::List(args) => list(args).await,
        TokenCommand::Revoke(args) => revoke(args).await,
    }
}

async fn create(args: &CreateArgs) -> Result<(), Failure> {
    let body = json!({"name": args.name, "role": args.role.name()});
    let made = args.api.connect()?.post("tokens", &body).await?;
    if args.json {
        return show::json(&made);
    }
    let token = Token::deserialize(&made)?;
    say!(
        "made {} for {} with the role {}; keep it, it is not shown again",
        plain(&token.id),
        plain(&token.name),
        plain(&token.role)
    );
    say!(
        "export AINFERA_ADMIN_TOKEN={}",
        plain(&part::<String>(&made, "secret")?)
    );
    Ok(())
}

async fn list(args: &ListArgs) -> Result<(), Failure> {
    let tokens = args.api.connect()?.get("tokens").await?;
    if args.json {
        return show::json(&tokens);
    }
    let tokens: Vec<Token> = part(&tokens, "tokens")?;
    if tokens.is_empty() {
        say!("no token but the one of the first start");
    }
    for token in tokens {
        say!(
            "{}  {:<8}  {:<24} made by {}{}",
            plain(&token.id),
            plain(&token.role),
            plain(&token.name),
            plain(&token.actor),
            token.revoked_us.map_or("", |_| ", revoked")
        );
    }
    Ok(())
}

async fn revoke(args: &RevokeArgs) -> Result<(), Failure> {
    let path = format!("tokens/{}", args.id);
    let token = args.api.connect()?.delete(&path).await?;
    if args.json {
        return show::json(&token);
    }
    let token = Token::deserialize(&token)?;
    say!("revoked {} of {}", plain(&token.id), plain(&token.name));
    Ok(())
}
