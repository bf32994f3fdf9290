//! Money: what is held, charged and refused, receipts, and whether the books
//! balance.

mod account;
mod caps;
mod exits;
mod receipts;
mod tampered;

use std::process::Command;

use ainfera_tests::client::{Admin, ask};
use ainfera_tests::database::Database;
use ainfera_tests::gateway::{Catalog, DATABASE_URL, Gateway, Offer, Setup, binary};
use ainfera_tests::upstream::Upstream;
use serde_json::{Value, json};

/// What a call of [`request`] is held for: 1 input token at 1 USD for a million,
/// 100 output tokens at 5.
const HOLD: &str = "0.000501";
/// What it costs, as the provider reports 25 and 15.
const COST: &str = "0.0001";

/// A gateway whose model `m` is at a provider that the test plays, and costs
/// more at another.
async fn start() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("m", "a", "0.60", "1")
        .model("dear", "0.90")
        .offer(Offer::new("dear", "b", "up-dear").price("1000"));
    (upstream, Setup::new().catalog(&catalog).start().await)
}

/// Of 2 bytes, for at most 100 output tokens, for provider `a` alone.
fn request(model: &str, stream: bool) -> Value {
    let mut body = ask(model, "hi");
    body["routing_hint"] = json!({"allow_providers": ["a"]});
    body["stream"] = stream.into();
    body
}

/// The path of the only tenant.
async fn tenant(admin: &Admin) -> String {
    let tenants = admin.get_ok("tenants").await;
    let id = tenants["tenants"][0]["id"].as_str().expect("an id");
    format!("tenants/{id}")
}

/// The path of the only agent.
async fn agent(admin: &Admin) -> String {
    format!("agents/{}", admin.only_agent().await)
}

/// Prepaid, with this much, USD.
async fn prepaid(admin: &Admin, usd: &str) -> String {
    let tenant = tenant(admin).await;
    let limit = json!({"credit_limit_usd": "0"});
    admin.patch_ok(&tenant, &limit).await;
    let top_up = json!({"amount_usd": usd, "reference": "first"});
    admin.created(&format!("{tenant}/top-ups"), &top_up).await;
    tenant
}

/// What the tenant has: available, held, charged.
async fn balance(admin: &Admin, tenant: &str) -> [String; 3] {
    let account = admin.get_ok(&format!("{tenant}/account")).await;
    ["available_usd", "held_usd", "charged_usd"]
        .map(|part| account[part].as_str().expect("an amount").to_owned())
}

/// What `ainfera ledger verify` says of these records.
fn verify(directory: &std::path::Path, database: &Database) -> Value {
    let mut command = Command::new(binary());
    command.args(["ledger", "verify", "--json"]);
    match database.url() {
        None => command.arg("--data-dir").arg(directory),
        Some(url) => command
            .env(DATABASE_URL, url)
            .env("AINFERA_DATA_DIR", directory),
    };
    let output = command.current_dir(directory).output();
    let output = output.expect("the binary to run");
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    let code = if report["verified"] == true { 0 } else { 1 };
    assert_eq!(output.status.code(), Some(code), "{said}");
    if let Some(first) = report["problems"].get(0) {
        let first = first["first"].as_str().expect("a text");
        assert!(said.contains(first), "{said} names {first}");
    }
    report
}

/// The books balance.
fn balances(gateway: &Gateway) {
    let report = verify(&gateway.data_dir(), gateway.database());
    assert_eq!(report["verified"], true, "{report}");
}
