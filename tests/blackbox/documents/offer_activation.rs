//! docs/offer-activation.md: its phases in their order, against a fake provider.

use std::fs;
use std::path::Path;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{ADMIN_TOKEN, API_KEY, PROVIDER_KEY, Setup, binary};
use ainfera_tests::upstream::Upstream;
use serde_json::{Value, json};

use super::{blocks, repository};
use crate::sdk::child;

const OFFER: &str = "gpt-oss-120b@groq";

#[tokio::test]
async fn a_dark_venue_is_lit_verified_and_taken_back() {
    let upstream = Upstream::start();
    let catalog = repository().join("host/src/catalog/default.toml");
    let catalog = fs::read_to_string(catalog).expect("the built-in catalog");
    let real = "https://api.groq.com/openai/v1";
    assert!(catalog.contains(real));
    let gateway = Setup::new()
        .catalog_text(&catalog.replace(real, &upstream.openai_url()))
        .env("GROQ_API_KEY", PROVIDER_KEY)
        .start()
        .await;

    let document = blocks("docs/offer-activation.md");
    let phases: Vec<_> = document
        .iter()
        .filter_map(|block| block.section.split_once(". "))
        .map(|(number, _)| number)
        .collect();
    assert_eq!(phases, ["1", "2", "3", "4", "4", "4"]);
    let script: String = document.iter().map(|block| block.code.as_str()).collect();
    let script = script
        .replace("http://127.0.0.1:8080", gateway.url())
        .replace("http://127.0.0.1:8081", gateway.admin_url());
    let bin = binary().parent().expect("a folder").to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = child::command(Path::new("bash"), gateway.scratch());
    command
        .args(["-euo", "pipefail", "-c", &script])
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("AINFERA_API_KEY", API_KEY)
        .env("AINFERA_ADMIN_TOKEN", ADMIN_TOKEN)
        .env("AINFERA_ADMIN_URL", gateway.admin_url())
        .env("GROQ_API_KEY", PROVIDER_KEY);
    let run = tokio::task::spawn_blocking(move || command.output().expect("bash"));
    let output = run.await.expect("no panic");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(!stdout.contains(PROVIDER_KEY) && !stderr.contains(PROVIDER_KEY));

    let evidence = |name: &str| {
        let path = gateway.scratch().join("evidence").join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    // 1: four calls, of the offer as it is in the gateway's own catalog.
    let smoke: Value = serde_json::from_str(&evidence("smoke.json")).expect("JSON");
    assert_eq!(
        (&smoke["ok"], &smoke["offer"]),
        (&json!(true), &json!(OFFER))
    );
    assert_eq!(smoke["calls"].as_array().map(Vec::len), Some(4));
    // 2 and 3: a version each.
    assert_eq!(
        evidence("activated.txt"),
        format!("catalog version 4 is in force\nactivated {OFFER}\n")
    );
    // 4: the call that was pinned to it is recorded at its price.
    let pinned = evidence("pinned.txt");
    let id = pinned
        .lines()
        .find_map(|line| line.strip_prefix("request-id: "))
        .expect("an id");
    let records = gateway.records();
    let row = &records.inferences_of(id.trim())[0];
    assert_eq!(
        (&row["offer"], &row["status"]),
        (&json!(OFFER), &json!("succeeded"))
    );
    assert!(evidence("routed.txt").contains("x-ainfera-model: "));
    // Back.
    assert_eq!(
        evidence("rolled-back.txt"),
        format!("catalog version 5 is in force\ndarkened {OFFER}\n")
    );
    assert!(
        stdout.ends_with("offer.activated\noffer.darkened\n"),
        "{stdout}"
    );
    let audited = |version| vec![json!({"actor": "admin", "offer": OFFER, "version": version})];
    assert_eq!(records.audit("offer.activated"), audited(4));
    assert_eq!(records.audit("offer.darkened"), audited(5));
    let dark = gateway.client().messages(&ask(OFFER, "hi")).await;
    assert_eq!(dark.status, 404, "{}", dark.text());
    let calls = upstream.requests_for("openai/gpt-oss-120b").len();
    assert!(
        calls == 5 || calls == 6,
        "the smoke test and the verification: {calls}"
    );
}
