//! Signing a change of the founders' keys. The private key stays here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::list::{Founder, Founders};
use crate::cli::api::ApiArgs;
use crate::cli::ask;
use crate::cli::failure::Failure;
use crate::cli::show::{self, plain, say};
use crate::lifecycle::dsse::Envelope;
use crate::lifecycle::keyring::{PAYLOAD_TYPE, Statement};
use crate::lifecycle::keys::{self, FounderKey};

/// How long the signature is good for: others may have to sign too.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, clap::Args)]
pub(super) struct SignArgs {
    /// Sign without asking
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) api: ApiArgs,
}

/// What is to be signed.
pub(super) struct Wish {
    pub(super) add: Option<FounderKey>,
    pub(super) revoke: Option<String>,
}

/// What came of it.
#[derive(Deserialize)]
struct Done {
    done: bool,
    signatures: BTreeSet<String>,
    threshold: usize,
}

pub(super) async fn run(wish: &Wish, sign_with: &Path, args: &SignArgs) -> Result<(), Failure> {
    let pem = fs::read_to_string(sign_with).map_err(|error| Failure::file(sign_with, &error))?;
    let key = keys::private_from_pem(&pem)
        .map_err(|error| Failure::unusable(format!("{}: {error}", sign_with.display())))?;
    let api = args.api.connect()?;
    let Founders { founders, .. } = Founders::deserialize(&api.get("founders").await?)?;
    let live = founders.into_iter().filter(|founder| !founder.revoked);
    let before: BTreeSet<_> = live.map(|Founder { key_id, .. }| key_id).collect();
    if !args.json {
        explain(&before, wish);
    }
    if !args.yes && !ask::confirmed("sign it").map_err(Failure::unusable)? {
        return Err(Failure::refused("not signed; nothing changes"));
    }
    let add = wish.add.iter().map(FounderKey::to_pem);
    let now = Timestamp::now();
    let statement = Statement::new(
        before,
        add.collect::<Result<_, _>>().map_err(Failure::unusable)?,
        wish.revoke.iter().cloned().collect(),
        (now, now + WINDOW),
    )
    .map_err(Failure::unusable)?;
    let payload = serde_json_canonicalizer::to_vec(&statement)?;
    let envelope = Envelope::sign(&key, PAYLOAD_TYPE, &payload);
    let answer = api
        .post("founders", &serde_json::to_value(&envelope)?)
        .await?;
    if args.json {
        return show::json(&answer);
    }
    let Done {
        done,
        signatures,
        threshold,
    } = Done::deserialize(&answer)?;
    if done {
        say!("done: `ainfera founder list` shows the keys that count");
    } else {
        say!(
            "signed by {} of {threshold}: other founders run the same command with their keys, within {} hours",
            signatures.len(),
            WINDOW.as_hours()
        );
    }
    Ok(())
}

fn explain(before: &BTreeSet<String>, wish: &Wish) {
    for id in before {
        let revoked = wish.revoke.as_ref() == Some(id);
        say!("{} {}", if revoked { "-" } else { " " }, plain(id));
    }
    if let Some(key) = &wish.add {
        say!("+ {}", key.id);
    }
}
