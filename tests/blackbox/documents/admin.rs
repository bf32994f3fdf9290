//! `/admin/v1/openapi.json`: every operation is asked for everything that it says
//! it answers, and each answer is one that it describes.

use std::collections::BTreeSet;

use ainfera_tests::client::{Answer, Method, Part, ask, form};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use bytes::Bytes;
use serde_json::{Value, json};

use fit::fits;

#[path = "../../../host/src/gateway/openapi/tests/fit.rs"]
mod fit;

/// What no healthy gateway answers to a client that sends what it began.
const NOT_ASKED_FOR: [&str; 3] = ["408", "500", "503"];
/// Of this, only a body that breaks off.
const BROKEN: (&str, &str) = ("POST /admin/v1/plugins", "400");

/// A gateway, and what its document promises.
struct Walk {
    gateway: Gateway,
    openapi: Value,
    /// Operations and the statuses that they have answered with.
    seen: BTreeSet<(String, String)>,
}

impl Walk {
    async fn begin() -> Self {
        let catalog = Catalog::new()
            .simulated("sim")
            .single("perfect", "sim", "1", "1");
        let gateway = Setup::new().catalog(&catalog);
        // Nobody can open it.
        let gateway = gateway.env("AINFERA_ROUTING_PREFERENCE_LIVE", "0");
        let gateway = gateway.env("AINFERA_FOUNDER_THRESHOLD", "2");
        // Compilers of a busy machine take their time; calls are limited all the same.
        let gateway = gateway.config("[sandbox]\nseconds_per_minute = 600\n");
        let gateway = gateway.start().await;
        let openapi = gateway.admin().get_ok("openapi.json").await;
        Self {
            gateway,
            openapi,
            seen: BTreeSet::new(),
        }
    }

    /// Every method and path that is described.
    fn operations(&self) -> Vec<(String, String, Value)> {
        let paths = self.openapi["paths"].as_object().expect("paths").iter();
        paths
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().expect("methods").iter();
                methods.map(move |(method, said)| {
                    (method.to_uppercase(), path.to_owned(), said.clone())
                })
            })
            .collect()
    }

    /// Asks, and holds the answer to what is described; its body.
    async fn ask(&mut self, call: &str, body: impl Into<Bytes>, status: u16) -> Value {
        self.ask_with(call, &[], body, status).await
    }

    async fn ask_with(
        &mut self,
        call: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
        status: u16,
    ) -> Value {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        let verb = Method::from_bytes(method.as_bytes()).expect("a method");
        let admin = self.gateway.admin();
        // Longer than callers wait who say nothing.
        let mut headers = headers.to_vec();
        if headers.iter().all(|(name, _)| *name != "prefer") {
            headers.push(("prefer", "wait=120"));
        }
        let answer = admin.send(verb, path, &headers, body).await;
        assert_eq!(answer.status, status, "{call}: {}", answer.text());
        self.holds(method, path, &answer)
    }

    fn holds(&mut self, method: &str, path: &str, answer: &Answer) -> Value {
        let path = path.split('?').next().unwrap_or_default();
        let (_, template, operation) = self
            .operations()
            .into_iter()
            .find(|(verb, template, _)| verb == method && is(template, path))
            .unwrap_or_else(|| panic!("{method} {path} is not described"));
        let (route, status) = (format!("{method} {template}"), answer.status.to_string());
        let response = &operation["responses"][&status];
        assert!(response.is_object(), "{route}: {status} is not described");
        let body = answer.json();
        fits(
            &self.openapi,
            &response["content"]["application/json"]["schema"],
            &body,
        )
        .unwrap_or_else(|why| panic!("{route} {status}: {why}\n{body}"));
        if let Some(code) = body["error"]["code"].as_str() {
            let said = response["description"].as_str().expect("a description");
            assert!(
                said.contains(&format!("`{code}`")),
                "{route} {status}: {code}"
            );
        }
        self.seen.insert((route, status));
        body
    }

    /// What is described and was not answered.
    fn unseen(&self) -> Vec<(String, String)> {
        let described = self
            .operations()
            .into_iter()
            .flat_map(|(method, path, said)| {
                let responses = said["responses"].as_object().expect("responses").clone();
                let statuses = responses.into_iter().map(|(status, _)| status);
                let asked = statuses.filter(|status| !NOT_ASKED_FOR.contains(&&**status));
                let route = format!("{method} {path}");
                asked
                    .map(move |status| (route.clone(), status))
                    .collect::<Vec<_>>()
            });
        described
            .filter(|pair| !self.seen.contains(pair) && (&*pair.0, &*pair.1) != BROKEN)
            .collect()
    }
}

/// Whether `path` is one of the `template`'s. The ids that may hold slashes hold
/// none here.
fn is(template: &str, path: &str) -> bool {
    let parts = template.trim_start_matches("/admin/v1/").split('/');
    let same = |(part, segment): (&str, &str)| part.starts_with('{') || part == segment;
    parts.clone().count() == path.split('/').count() && parts.zip(path.split('/')).all(same)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} of {value}"))
}

#[tokio::test]
async fn every_answer_of_the_admin_api_is_one_that_it_describes() {
    let mut walk = Walk::begin().await;
    strangers(&mut walk).await;
    access(&mut walk).await;
    let tenant = tenancy(&mut walk).await;
    money(&mut walk, &tenant).await;
    catalog(&mut walk).await;
    policy(&mut walk).await;
    sandbox(&mut walk).await;
    records(&mut walk).await;
    too_large(&mut walk, &tenant).await;
    limited(&mut walk).await;
    assert_eq!(walk.unseen(), [], "described, and never answered");
}

/// Who has no token.
async fn strangers(walk: &mut Walk) {
    let admin = walk.gateway.admin().with_token("");
    for (method, path, _) in walk.operations() {
        let path = path.trim_start_matches("/admin/v1/");
        let verb = Method::from_bytes(method.as_bytes()).expect("a method");
        let answer = admin.send(verb, path, &[], "").await;
        assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text());
        walk.holds(&method, path, &answer);
    }
}

/// Tokens, and those whose role does not do.
async fn access(walk: &mut Walk) {
    let wish = |name: &str, role: &str| json!({"name": name, "role": role}).to_string();
    walk.ask("POST tokens", r#"{"odd":1}"#, 400).await;
    walk.ask("GET tokens", "", 200).await;
    walk.ask("DELETE tokens/tok_0000000000000001", "", 404)
        .await;
    for role in ["author", "auditor"] {
        let made = walk.ask("POST tokens", wish(role, role), 201).await;
        walk.ask("POST tokens", wish(role, role), 409).await;
        let admin = walk.gateway.admin().with_token(text(&made, "secret"));
        for (method, path, said) in walk.operations() {
            if said["responses"]["403"].is_null() {
                continue;
            }
            let verb = Method::from_bytes(method.as_bytes()).expect("a method");
            let path = path.trim_start_matches("/admin/v1/");
            let answer = admin.send(verb, path, &[], "").await;
            if answer.status == 403 {
                walk.holds(&method, path, &answer);
            }
        }
        let id = text(&made, "id");
        walk.ask(&format!("DELETE tokens/{id}"), "", 200).await;
    }
}

/// The id of a tenant.
async fn tenancy(walk: &mut Walk) -> String {
    walk.ask("GET openapi.json", "", 200).await;
    let tenant = walk.ask("POST tenants", r#"{"name":"Acme"}"#, 201).await;
    let tenant = text(&tenant, "id").to_owned();
    let nobody = "tnt_0000000000000001";
    walk.ask("POST tenants", r#"{"odd":1}"#, 400).await;
    walk.ask("GET tenants", "", 200).await;
    walk.ask(&format!("GET tenants/{tenant}"), "", 200).await;
    walk.ask(&format!("GET tenants/{nobody}"), "", 404).await;
    let floor = r#"{"default_floor":"0.60"}"#;
    walk.ask(&format!("PATCH tenants/{tenant}"), floor, 200)
        .await;
    walk.ask(&format!("PATCH tenants/{tenant}"), "{}", 400)
        .await;
    walk.ask(&format!("PATCH tenants/{nobody}"), floor, 404)
        .await;

    let new = |tenant: &str| json!({"tenant": tenant, "name": "bot"}).to_string();
    let agent = walk.ask("POST agents", new(&tenant), 201).await;
    let agent = text(&agent, "id").to_owned();
    let nobody = "agt_0000000000000001";
    walk.ask("POST agents", r#"{"odd":1}"#, 400).await;
    walk.ask("POST agents", new("tnt_0000000000000001"), 404)
        .await;
    walk.ask("GET agents", "", 200).await;
    walk.ask("GET agents?odd=1", "", 400).await;
    walk.ask(&format!("GET agents/{agent}"), "", 200).await;
    walk.ask(&format!("GET agents/{nobody}"), "", 404).await;
    let wish = r#"{"allowed_models":["perfect"]}"#;
    walk.ask(&format!("PATCH agents/{agent}"), wish, 200).await;
    walk.ask(&format!("PATCH agents/{agent}"), "{}", 400).await;
    walk.ask(&format!("PATCH agents/{nobody}"), wish, 404).await;

    let key = walk
        .ask(&format!("POST agents/{agent}/keys"), "", 201)
        .await;
    let key = text(&key, "id").to_owned();
    walk.ask(&format!("POST agents/{agent}/keys"), r#"{"odd":1}"#, 400)
        .await;
    walk.ask(&format!("POST agents/{nobody}/keys"), "", 404)
        .await;
    walk.ask(&format!("GET agents/{agent}/keys"), "", 200).await;
    walk.ask(&format!("GET agents/{nobody}/keys"), "", 404)
        .await;
    let nobody = "key_0000000000000001";
    walk.ask(
        &format!("PATCH keys/{key}"),
        r#"{"requests_per_minute":9}"#,
        200,
    )
    .await;
    walk.ask(&format!("PATCH keys/{key}"), r#"{"burst":9}"#, 400)
        .await;
    walk.ask(&format!("PATCH keys/{nobody}"), "{}", 404).await;
    let overlap = r#"{"overlap_seconds":60}"#;
    walk.ask(&format!("POST keys/{key}/rotate"), overlap, 201)
        .await;
    walk.ask(&format!("POST keys/{key}/rotate"), r#"{"odd":1}"#, 400)
        .await;
    walk.ask(&format!("POST keys/{nobody}/rotate"), "", 404)
        .await;
    walk.ask(&format!("DELETE keys/{key}"), "", 200).await;
    walk.ask(&format!("DELETE keys/{nobody}"), "", 404).await;
    walk.ask(&format!("POST keys/{key}/rotate"), "", 409).await;
    tenant
}

async fn money(walk: &mut Walk, tenant: &str) {
    let nobody = "tnt_0000000000000001";
    let pays = |usd: &str| json!({"amount_usd": usd, "reference": "r"}).to_string();
    let top_ups = format!("POST tenants/{tenant}/top-ups");
    walk.ask(&top_ups, pays("25"), 201).await;
    walk.ask(&top_ups, pays("25"), 200).await;
    walk.ask(&top_ups, pays("x"), 400).await;
    walk.ask(&top_ups, pays("26"), 409).await;
    let back = json!({"amount_usd": "-26", "reference": "back"});
    walk.ask(&top_ups, back.to_string(), 422).await;
    walk.ask(&format!("POST tenants/{nobody}/top-ups"), pays("1"), 404)
        .await;
    for what in ["account", "ledger"] {
        walk.ask(&format!("GET tenants/{tenant}/{what}"), "", 200)
            .await;
        walk.ask(&format!("GET tenants/{nobody}/{what}"), "", 404)
            .await;
    }
    walk.ask(&format!("GET tenants/{tenant}/ledger?odd=1"), "", 400)
        .await;
}

async fn catalog(walk: &mut Walk) {
    let shown = walk.ask("GET catalog", "", 200).await;
    walk.ask("GET catalog?odd=1", "", 400).await;
    walk.ask("GET catalog?version=99", "", 404).await;
    let (newest, old) = ([("if-match", "1")], [("if-match", "99")]);
    let same = shown["catalog"].to_string();
    let mut torn = shown["catalog"].clone();
    torn["offers"][0]["provider"] = "nobody".into();
    let put = "PUT catalog";
    walk.ask_with(put, &newest, same.clone(), 200).await;
    walk.ask_with(put, &newest, "{", 400).await;
    walk.ask_with(put, &old, same.clone(), 412).await;
    walk.ask_with(put, &newest, torn.to_string(), 422).await;
    walk.ask(put, same, 428).await;

    let price = r#"{"output_usd_per_mtok":"2"}"#;
    let offer = "PATCH offers/perfect@sim";
    walk.ask(offer, price, 200).await;
    walk.ask(offer, r#"{"odd":1}"#, 400).await;
    walk.ask("PATCH offers/nothing@sim", price, 404).await;
    walk.ask_with(offer, &old, price, 412).await;
    walk.ask(offer, r#"{"context_tokens":0}"#, 422).await;
    let quality = r#"{"q_empirical":"0.9"}"#;
    let model = "PATCH models/perfect";
    walk.ask(model, quality, 200).await;
    walk.ask(model, r#"{"odd":1}"#, 400).await;
    walk.ask("PATCH models/nothing", quality, 404).await;
    walk.ask_with(model, &old, quality, 412).await;
    walk.ask(model, r#"{"q_empirical":"1.1"}"#, 422).await;
}

async fn policy(walk: &mut Walk) {
    let steep = plugins::dist("preference-dial-steep");
    let digest = walk.ask("POST plugins", steep.clone(), 201).await;
    let digest = text(&digest, "digest").to_owned();
    walk.ask("POST plugins", steep, 200).await;
    walk.ask("POST plugins", "no component", 422).await;
    later(walk, "POST plugins", &[], "no component").await;
    walk.ask("GET work/nothing", "", 404).await;
    walk.ask("GET plugins", "", 200).await;
    walk.ask(&format!("GET plugins/{digest}"), "", 200).await;
    walk.ask("GET plugins/nothing", "", 404).await;

    let slot = |digest: &str| json!({"slots": {"preference-dial": digest}}).to_string();
    let change = walk.ask("POST changes", slot(&digest), 201).await;
    let id = text(&change, "id").to_owned();
    let nothing = "chg_0000000000000001";
    walk.ask("POST changes", r#"{"slots":{}}"#, 400).await;
    later(walk, "POST changes", &[], slot(&digest)).await;
    walk.ask("POST changes", slot(&"0".repeat(64)), 422).await;
    walk.ask("GET changes?limit=1", "", 200).await;
    walk.ask("GET changes?before=x", "", 400).await;
    walk.ask(&format!("GET changes/{id}"), "", 200).await;
    walk.ask(&format!("GET changes/{nothing}"), "", 404).await;
    walk.ask(&format!("GET changes/{id}/report"), "", 200).await;
    walk.ask(&format!("GET changes/{nothing}/report"), "", 404)
        .await;

    shadow(walk, &digest, &id).await;

    let founder = Founder::new(7);
    let statement = Founder::statement(&change);
    let signed = |statement: &Value| founder.envelope(statement).to_string();
    let authorize = "POST authorizations";
    walk.ask(authorize, signed(&statement), 403).await;
    let enrolment = json!({"public_key": founder.public_pem()}).to_string();
    walk.ask("POST founders", r#"{"public_key":"x"}"#, 400)
        .await;
    walk.ask("POST founders", enrolment.clone(), 201).await;
    walk.ask("POST founders", enrolment, 409).await;
    walk.ask("GET founders", "", 200).await;
    founders(walk, &founder).await;
    walk.ask(authorize, r#"{"odd":1}"#, 400).await;
    let other = |key: &str, value: &str| {
        let mut other = statement.clone();
        other[key] = value.into();
        signed(&other)
    };
    walk.ask(authorize, other("change", nothing), 404).await;
    walk.ask(authorize, other("report_sha256", &"0".repeat(64)), 422)
        .await;
    // The second founder's signature is the last of two.
    walk.ask(authorize, signed(&statement), 202).await;
    let second = Founder::new(8).envelope(&Founder::statement(&change));
    walk.ask(authorize, second.to_string(), 200).await;
    walk.ask(authorize, signed(&statement), 409).await;

    walk.ask("GET policy", "", 200).await;
    walk.ask("GET policy/generations", "", 200).await;
    walk.ask("GET policy/generations?before=x", "", 400).await;
    let back = |to: i64, expected: i64| {
        json!({"to_generation": to, "expected_generation": expected}).to_string()
    };
    let rollback = "POST policy/rollback";
    walk.ask(rollback, r#"{"odd":1}"#, 400).await;
    walk.ask(rollback, back(99, 2), 404).await;
    walk.ask(rollback, back(1, 99), 409).await;
    walk.ask(rollback, back(2, 2), 422).await;
    walk.ask(rollback, back(1, 2), 200).await;

    let revocation = |generation: &str| format!("policy/generations/{generation}/revocation");
    for (method, generation, status) in [
        ("POST", "2", 200),
        ("POST", "1", 409),
        ("POST", "99", 404),
        ("DELETE", "2", 200),
        ("DELETE", "x", 404),
    ] {
        let call = format!("{method} {}", revocation(generation));
        walk.ask(&call, "", status).await;
    }

    walk.ask("GET gates", "", 200).await;
    let gate = "PUT gates/routing_preference_live";
    walk.ask(gate, r#"{"open":false}"#, 200).await;
    walk.ask(gate, r#"{"odd":1}"#, 400).await;
    walk.ask("PUT gates/nothing", r#"{"open":false}"#, 404)
        .await;
    walk.ask(gate, r#"{"open":true}"#, 409).await;
}

/// A shadow of the component, and of its change.
async fn shadow(walk: &mut Walk, digest: &str, change: &str) {
    let start = "POST shadow";
    walk.ask("GET shadow", "", 404).await;
    walk.ask("DELETE shadow", "", 404).await;
    walk.ask(start, "{}", 400).await;
    let slots = |digest: &str, sample: &str| {
        json!({"slots": {"preference-dial": digest}, "sample": sample}).to_string()
    };
    walk.ask(start, slots(digest, "2"), 400).await;
    walk.ask(start, slots(&"0".repeat(64), "1"), 422).await;
    let of = |change: &str| json!({"change": change}).to_string();
    walk.ask(start, of("chg_0000000000000001"), 422).await;
    walk.ask(start, of(change), 201).await;
    walk.ask(start, slots(digest, "0.5"), 409).await;
    walk.ask("GET shadow", "", 200).await;
    walk.ask("DELETE shadow", "", 200).await;
}

/// A call that is not waited for, and its answer.
async fn later(walk: &mut Walk, call: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) {
    let headers = [headers, &[("prefer", "wait=0")]].concat();
    let work = walk.ask_with(call, &headers, body, 202).await;
    let asked = format!("GET work/{}", text(&work, "id"));
    let done = walk.ask(&asked, "", 200).await;
    assert_eq!(done["state"], "done", "{done}");
}

async fn sandbox(walk: &mut Walk) {
    let (dial, steep) = (
        plugins::dist("preference-dial"),
        plugins::dist("preference-dial-steep"),
    );
    let questions = br#"[{"describe":{}},{"apply":{"base":"0.5","live":true}},{"listing":{}}]"#;
    let calls: [(&str, &[Part<'_>]); 4] = [
        ("check", &[("component", &steep)]),
        ("diff", &[("component", &dial), ("other", &steep)]),
        (
            "evaluate",
            &[("component", &steep), ("questions", questions)],
        ),
        ("replay", &[("component", &steep)]),
    ];
    for (what, parts) in calls {
        let call = format!("POST sandbox/{what}");
        let (kind, body) = form(parts);
        let form_of = [("content-type", kind)];
        walk.ask_with(&call, &form_of, body.clone(), 200).await;
        later(walk, &call, &form_of, body).await;
        walk.ask(&call, "", 400).await;
        let mut bad = parts.to_vec();
        for (name, bytes) in &mut bad {
            if *name != "questions" {
                *bytes = b"no component";
            }
        }
        walk.ask_with(&call, &form_of, form(&bad).1, 422).await;
    }
}

/// More calls than an author has.
async fn limited(walk: &mut Walk) {
    for (method, path, said) in walk.operations() {
        if said["responses"]["429"].is_null() {
            continue;
        }
        let path = path.trim_start_matches("/admin/v1/");
        let admin = walk.gateway.admin();
        let verb = Method::from_bytes(method.as_bytes()).expect("a method");
        let limited = loop {
            let answer = admin.send(verb.clone(), path, &[], "").await;
            if answer.status != 400 {
                break answer;
            }
        };
        assert_eq!(limited.status, 429, "{}", limited.text());
        walk.holds(&method, path, &limited);
    }
}

/// A second founder, and a third whom only one of two signed.
async fn founders(walk: &mut Walk, founder: &Founder) {
    let call = "POST founders";
    let add = |seed: u8| json!({"add": [Founder::new(seed).public_pem()], "revoke": []});
    let one = vec![founder.key_id()];
    let signed =
        |change: &Value, before: &[String]| founder.keys_envelope(change, before).to_string();
    let stranger = Founder::new(1).keys_envelope(&add(8), &one).to_string();
    walk.ask(call, stranger, 403).await;
    walk.ask(call, signed(&add(7), &one), 422).await;
    walk.ask(call, signed(&add(8), &one), 200).await;
    walk.ask(call, signed(&add(8), &one), 409).await;
    let two = [one, vec![Founder::new(8).key_id()]].concat();
    walk.ask(call, signed(&add(9), &two), 202).await;
}

async fn records(walk: &mut Walk) {
    let client = walk.gateway.client();
    let (answer, _) = client.messages_ok(&ask("ainfera-inference", "hi")).await;
    // One that has a nearest miss.
    let mut dear = ask("ainfera-inference", "hi");
    dear["routing_hint"] = json!({"max_cost": "0", "allow_providers": ["sim"]});
    assert_eq!(client.messages(&dear).await.status, 422);
    let decisions = walk.ask("GET decisions", "", 200).await;
    assert_eq!(decisions["decisions"].as_array().map(Vec::len), Some(2));
    walk.ask("GET decisions?before=x", "", 400).await;
    let id = answer.request_id();
    let decision = walk.ask(&format!("GET decisions/{id}"), "", 200).await;
    assert!(decision["attempts"][0]["offer"].is_string(), "{decision}");
    walk.ask("GET decisions/req_0000000000000001", "", 404)
        .await;

    let chains = walk.ask("GET audit/chains", "", 200).await;
    for chain in chains["chains"].as_array().expect("chains") {
        let page = format!("GET audit?chain={}", chain["chain"]);
        let page = walk.ask(&page, "", 200).await;
        assert_ne!(page["events"], json!([]), "{chain}");
    }
    walk.ask("GET audit?chain=9223372036854775807", "", 400)
        .await;
}

/// Bodies over the limit, wherever one is taken.
async fn too_large(walk: &mut Walk, tenant: &str) {
    for (method, path, said) in walk.operations() {
        if said["requestBody"].is_null() {
            continue;
        }
        let path = path
            .trim_start_matches("/admin/v1/")
            .replace("agents/{id}", "agents/agt_0000000000000001")
            .replace("tenants/{id}", &format!("tenants/{tenant}"))
            .replace("keys/{id}", "keys/key_0000000000000001");
        let bytes = match &*path {
            "catalog" => 4 << 20,
            "plugins" => 32 << 20,
            "sandbox/diff" => (64 << 20) + (64 << 10),
            form if form.starts_with("sandbox/") => (32 << 20) + (64 << 10),
            _ => 64 << 10,
        };
        let (kind, _) = form(&[]);
        let headers = [("if-match", "1"), ("content-type", kind)];
        let call = format!("{method} {path}");
        walk.ask_with(&call, &headers, vec![b' '; bytes + 1], 413)
            .await;
    }
}
