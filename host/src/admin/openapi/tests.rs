#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::Value;

use super::*;

fn document() -> Value {
    serde_json::from_slice(&DOCUMENT).unwrap()
}

/// All operations, by method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn every_route_says_what_it_takes_and_answers() {
    let document = document();
    let operations = operations(&document);
    let mut ids = BTreeSet::new();
    for (route, operation) in &operations {
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')));
        assert!(operation["summary"].is_string(), "{route}");
        let mut errors = vec!["401", "500", "503"];
        if operation["requestBody"].is_object() {
            errors.extend(["400", "408", "413"]);
        }
        if route.contains('{') {
            errors.push("404");
        }
        for status in errors {
            assert!(responses.contains_key(status), "{route}: {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{route}: {parameter}");
        }
        assert!(ids.insert(operation["operationId"].as_str().unwrap()));
    }
    let routes: Vec<_> = operations.iter().map(|(route, _)| &**route).collect();
    insta::assert_snapshot!(routes.join("\n"), @r"
    get /admin/v1/agents
    post /admin/v1/agents
    get /admin/v1/agents/{id}
    patch /admin/v1/agents/{id}
    get /admin/v1/agents/{id}/keys
    post /admin/v1/agents/{id}/keys
    get /admin/v1/audit
    get /admin/v1/audit/chains
    post /admin/v1/authorizations
    get /admin/v1/catalog
    put /admin/v1/catalog
    get /admin/v1/changes
    post /admin/v1/changes
    get /admin/v1/changes/{id}
    get /admin/v1/changes/{id}/report
    get /admin/v1/decisions
    get /admin/v1/decisions/{id}
    get /admin/v1/founders
    post /admin/v1/founders
    get /admin/v1/gates
    put /admin/v1/gates/{name}
    delete /admin/v1/keys/{id}
    patch /admin/v1/keys/{id}
    post /admin/v1/keys/{id}/rotate
    patch /admin/v1/models/{slug}
    patch /admin/v1/offers/{id}
    get /admin/v1/openapi.json
    get /admin/v1/plugins
    post /admin/v1/plugins
    get /admin/v1/plugins/{digest}
    get /admin/v1/policy
    get /admin/v1/policy/generations
    delete /admin/v1/policy/generations/{generation}/revocation
    post /admin/v1/policy/generations/{generation}/revocation
    post /admin/v1/policy/rollback
    post /admin/v1/sandbox/check
    post /admin/v1/sandbox/diff
    post /admin/v1/sandbox/evaluate
    post /admin/v1/sandbox/replay
    delete /admin/v1/shadow
    get /admin/v1/shadow
    post /admin/v1/shadow
    get /admin/v1/tenants
    post /admin/v1/tenants
    get /admin/v1/tenants/{id}
    patch /admin/v1/tenants/{id}
    get /admin/v1/tenants/{id}/account
    get /admin/v1/tenants/{id}/ledger
    post /admin/v1/tenants/{id}/top-ups
    get /admin/v1/tokens
    post /admin/v1/tokens
    delete /admin/v1/tokens/{id}
    get /admin/v1/work/{id}
    ");
}

#[test]
fn every_error_is_described() {
    let mut described = BTreeSet::new();
    for (route, operation) in operations(&document()) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let status: u16 = status.parse().unwrap();
            let words: Vec<_> = words(response["description"].as_str().unwrap()).collect();
            assert!(status < 400 || !words.is_empty(), "{route}: {status}");
            let errors = words.into_iter().filter(|_| status >= 400);
            described.extend(errors.map(|code| (status, code.to_owned())));
        }
    }
    // A wrong method is no operation.
    described.insert((405, "method_not_allowed".to_owned()));
    assert_eq!(described, constructed());
}

/// What stands in backticks and may be a code.
fn words(description: &str) -> impl Iterator<Item = &str> {
    description.split('`').skip(1).step_by(2).filter(is_code)
}

fn is_code(text: &&str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'_' || b.is_ascii_lowercase())
}

/// The status and the code of every error that the admin API can make, from the
/// text of what makes them: a new one can't be forgotten here.
fn constructed() -> BTreeSet<(u16, String)> {
    const SOURCES: [&str; 10] = [
        include_str!("../auth/mod.rs"),
        include_str!("../body.rs"),
        include_str!("../catalog/mod.rs"),
        include_str!("../catalog/next.rs"),
        include_str!("../decisions.rs"),
        include_str!("../error.rs"),
        include_str!("../keys/rotate.rs"),
        include_str!("../ledger/top_ups.rs"),
        include_str!("../sandbox/quota.rs"),
        include_str!("../work/mod.rs"),
    ];
    let statuses = |name: &str| {
        (400..600).find(|status| {
            let status = StatusCode::from_u16(*status).unwrap();
            let reason = status.canonical_reason().unwrap_or_default();
            reason.to_uppercase().replace(' ', "_") == name
        })
    };
    let first_text = |rest: &str| rest.split('"').nth(1).map(str::to_owned);
    let mut made = BTreeSet::new();
    for source in SOURCES {
        for rest in source.split("StatusCode::").skip(1) {
            let name = rest.split(|c: char| c != '_' && !c.is_alphabetic()).next();
            made.extend(name.and_then(statuses).zip(first_text(rest)));
        }
        for helper in ["unprocessable(", "refused("] {
            let calls = source.split(helper).skip(1).filter_map(first_text);
            made.extend(calls.map(|code| (422, code)));
        }
    }
    made.retain(|(_, code)| is_code(&&**code));
    assert!(made.len() > 30, "the errors are made in another way");
    made
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let mut references = 0;
    for rest in text.split("\"#/components/schemas/").skip(1) {
        let name = rest.split('"').next().unwrap();
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name}"
        );
        references += 1;
    }
    assert!(references > 150, "{references}");
}
