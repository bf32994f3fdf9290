//! `ainfera plugin authorize`: a founder reads what a change would change,
//! signs it, and it becomes active. The private key stays here.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::cli::api::{ApiArgs, part};
use crate::cli::ask::confirmed;
use crate::cli::failure::Failure;
use crate::cli::show::{self, say};
use crate::lifecycle::dsse::Envelope;
use crate::lifecycle::keys;
use crate::lifecycle::report::Report;
use crate::lifecycle::statement::{PAYLOAD_TYPE, Statement, Subject};
use crate::store::{ChangeId, Digest};

/// How long the signature is good for: it is sent at once.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// The same where it waits for other founders'.
const WAITING: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, clap::Args)]
pub struct AuthorizeArgs {
    /// The change; where it is left out, the one that is proposed
    #[arg(value_name = "CHANGE")]
    change: Option<ChangeId>,
    /// The founder's private key, PEM
    #[arg(long, value_name = "PATH")]
    key: PathBuf,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON: the new generation
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(args: &AuthorizeArgs) -> Result<(), Failure> {
    let pem = fs::read_to_string(&args.key).map_err(|error| Failure::file(&args.key, &error))?;
    let key = keys::private_from_pem(&pem)
        .map_err(|error| Failure::unusable(format!("{}: {error}", args.key.display())))?;
    let api = args.api.connect()?;
    let id = match args.change {
        Some(id) => id,
        None => the_proposed(&api.get("changes").await?)?,
    };
    let change = api.get(&format!("changes/{id}")).await?;
    let (subject, report) = checked(id, &change)?;
    if !args.json {
        say!("change {id} on generation {}", subject.base.generation);
        say!("{}", show::report(&report));
    }
    if !args.yes && !confirmed("sign and activate it").map_err(Failure::unusable)? {
        return Err(Failure::refused("not signed"));
    }
    let now = Timestamp::now();
    let threshold: usize = part(&change, "threshold")?;
    let window = if threshold > 1 { WAITING } else { WINDOW };
    let statement = Statement::new(subject, now, now + window).map_err(Failure::unusable)?;
    let payload = serde_json_canonicalizer::to_vec(&statement)?;
    let envelope = serde_json::to_value(Envelope::sign(&key, PAYLOAD_TYPE, &payload))?;
    let started = Instant::now();
    let answer = api.post("authorizations", &envelope).await?;
    if args.json {
        return show::json(&answer);
    }
    match part(&answer, "generation")? {
        Some::<i64>(generation) => say!(
            "generation {generation} is active after {:.1} ms",
            started.elapsed().as_secs_f64() * 1_000.0
        ),
        None => waits(id, &answer)?,
    }
    Ok(())
}

/// Says what is missing where one founder's word is not enough.
fn waits(id: ChangeId, answer: &Value) -> Result<(), Failure> {
    let signatures: Vec<String> = part(answer, "signatures")?;
    let threshold: usize = part(answer, "threshold")?;
    say!(
        "signed by {} of {threshold} founders; within {} hours {} more must run: ainfera plugin authorize {id} --key PATH",
        signatures.len(),
        WAITING.as_hours(),
        threshold.saturating_sub(signatures.len())
    );
    Ok(())
}

/// The one change that waits for a signature.
fn the_proposed(changes: &Value) -> Result<ChangeId, Failure> {
    let all: Vec<Value> = part(changes, "changes")?;
    let proposed: Vec<ChangeId> = all
        .iter()
        .filter(|change| change.get("state").and_then(Value::as_str) == Some("proposed"))
        .map(|change| part(change, "id"))
        .collect::<Result<_, _>>()?;
    match proposed.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::refused(
            "no change waits for a signature; propose one with `ainfera plugin push`",
        )),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(Failure::refused(format!(
                "several changes wait for a signature; name one of {}",
                ids.join(", ")
            )))
        }
    }
}

/// What to sign, if it is what the report shows.
fn checked(id: ChangeId, change: &Value) -> Result<(Subject, Report), Failure> {
    let wrong = |what: &str| {
        Err(Failure::refused(format!(
            "the gateway's {what} does not fit its report; do not sign, and look at the gateway"
        )))
    };
    let subject: Subject = part(change, "payload")?;
    let report_json: Value = part(change, "report")?;
    let hash = Digest::of(&serde_json_canonicalizer::to_vec(&report_json)?);
    let report: Report = part(change, "report")?;
    // A report with parts that are not shown is not signed unseen.
    if serde_json::to_value(&report)? != report_json || hash != subject.report_sha256 {
        return wrong("report hash");
    }
    if subject.change != id {
        return wrong("change id");
    }
    let result = subject
        .slots
        .iter()
        .fold(subject.base.digests, |digests, (slot, digest)| {
            digests.with(*slot, *digest)
        });
    if subject.base != report.base || subject.result != report.result || result != report.result {
        return wrong("set of digests");
    }
    Ok((subject, report))
}
