//! An agent's own records: its calls and its audit events, and nobody else's.

use ainfera_tests::client::{Answer, Client, Dialect, ask};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::records::hex;
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const OTHER: &str = "ainf-test-other-key-0123456789abcdef0123456789abcdef";
const SIBLING: &str = "ainf-test-sibling-key-0123456789abcdef0123456789abcdef";
const TARGET: &str = "ainfera-inference";

/// A gateway with another tenant, and another agent of the first one.
async fn shared() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .single("m", "a", "0.60", "1");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let agents = [
        (7, SIBLING, "(SELECT min(id) FROM tenants)"),
        (8, OTHER, "5"),
    ];
    let mut sql = "INSERT INTO tenants (id, name, created_us) VALUES (5, 'other', 0);".to_owned();
    for (id, key, tenant) in agents {
        let hash = gateway.database().bytes(&hex(&Sha256::digest(key)));
        sql += &format!(
            "INSERT INTO agents (id, tenant, name, status, created_us)
                 VALUES ({id}, {tenant}, 'n{id}', 'active', 0);
             INSERT INTO api_keys (id, agent, hash, created_us) VALUES ({id}, {id}, {hash}, 0);"
        );
    }
    gateway.database().batch(&sql);
    (upstream, gateway.restart().await)
}

fn id(answer: &Answer, header: &str) -> String {
    answer.header(header).expect("a header").to_owned()
}

fn path(answer: &Answer) -> String {
    format!("/v1/inferences/{}", id(answer, "x-ainfera-inference-id"))
}

async fn found(client: &Client, path: &str) -> Value {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// 404s that differ in nothing but the request's id.
async fn assert_as_unknown(client: &Client, path: &str, unknown: &str) {
    let mut bodies = Vec::new();
    for path in [path, unknown] {
        let answer = client.get(path).await;
        answer.assert_error_in(Dialect::OpenAi, 404, "not_found_error", "not_found_error");
        let mut body = answer.json();
        body["request_id"].take();
        bodies.push(body);
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn whoever_saw_an_end_finds_the_call_settled() {
    let (_upstream, gateway) = shared().await;
    let client = gateway.client();
    for dialect in Dialect::ALL {
        for model in [TARGET, "m"] {
            for (stream, answer) in [false, true]
                .into_iter()
                .zip(client.call_both(dialect, &ask(model, "hi")).await)
            {
                let record = found(&client, &path(&answer)).await;
                let row = gateway.records().inferences_of(&answer.request_id());
                let case = format!("{dialect:?} {model} {stream}: {record}");
                assert_eq!(record["object"], "inference.record");
                assert_eq!(record["request_id"], answer.request_id(), "{case}");
                assert_eq!(record["agent_id"], id(&answer, "x-ainfera-agent-id"));
                assert_eq!(record["status"], "succeeded", "{case}");
                assert_eq!(record["stream"], stream, "{case}");
                assert_eq!(record["model"], "m@a");
                assert_eq!(record["provider"], "a");
                assert_eq!(record["http_status"], 200);
                assert_eq!(record["usage"]["source"], "reported", "{case}");
                assert_eq!(record["usage"]["input_tokens"], row[0]["input_tokens"]);
                let cost: f64 = record["cost_usd"]
                    .as_str()
                    .expect("a cost")
                    .parse()
                    .expect("USD");
                let nano = row[0]["cost_nanousd"].as_i64().expect("a cost") as f64;
                assert!((cost * 1e9 - nano).abs() < 1e-3, "{case}");
                assert_eq!(record["attempts"][0]["outcome"], "ok", "{case}");
                assert!(record["latency_us"].as_i64() >= record["first_token_us"].as_i64());
                for time in ["opened_at", "closed_at"] {
                    let text = record[time].as_str().expect("a time");
                    let at: jiff::Timestamp = text.parse().expect("RFC 3339");
                    let age = jiff::Timestamp::now().duration_since(at);
                    assert!(age.as_secs().abs() < 300, "{case}");
                }
                let routed = model == TARGET;
                let decision = &record["decision"];
                assert_eq!(decision["router"], if routed { "policy" } else { "direct" });
                assert_eq!(decision["requested"], model);
                assert_eq!(decision["choice"], "m@a");
                assert_eq!(
                    decision["floor"].as_str(),
                    routed.then_some("0.50"),
                    "{case}"
                );
                assert_eq!(decision["candidates"].is_array(), routed, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_call_is_pending_then_what_became_of_it_without_the_providers_words() {
    let (upstream, gateway) = shared().await;
    let client = gateway.client();
    let gate = Gate::new();
    upstream.script("up-m", Behaviour::text("one two").gated(&gate));
    let mut stream = client.open_stream(&ask(TARGET, "hi")).await;
    stream.next_named("message_start").await;
    let path = format!(
        "/v1/inferences/{}",
        stream.request_id().replace("req_", "inf_")
    );
    let record = found(&client, &path).await;
    assert_eq!(record["status"], "pending", "{record}");
    for absent in ["closed_at", "model", "usage", "cost_usd", "attempts"] {
        assert!(record.get(absent).is_none(), "{absent} in {record}");
    }
    drop(stream);
    let left = ainfera_tests::wait::until("the close", || {
        let row = gateway.records().query("SELECT status FROM call_closed");
        (!row.is_empty()).then_some(())
    });
    left.await;
    assert_eq!(found(&client, &path).await["status"], "cancelled");

    upstream.script(
        "up-m",
        Behaviour::status(529, "overloaded_error", "the words"),
    );
    let failed = client.messages(&ask(TARGET, "hi")).await;
    assert_eq!(failed.status, 502);
    let record = found(&client, &self::path(&failed)).await;
    assert_eq!(record["status"], "failed");
    assert_eq!(record["reason"], "all_candidates_failed");
    assert_eq!(record["http_status"], 502);
    assert_eq!(record["attempts"][0]["http_status"], 529, "{record}");
    assert!(!record.to_string().contains("the words"), "{record}");
}

#[tokio::test]
async fn no_id_shows_another_agents_call() {
    let (_upstream, gateway) = shared().await;
    let (answer, _) = gateway.client().messages_ok(&ask(TARGET, "hi")).await;
    let refused = gateway.client().messages(&ask("nobody", "hi")).await;
    let unknown = "/v1/inferences/inf_0000000000000001";
    for key in [OTHER, SIBLING] {
        let client = gateway.client().with_key(key);
        assert_as_unknown(&client, &path(&answer), unknown).await;
    }
    let own = gateway.client();
    found(&own, &path(&answer)).await;
    let prefixed = path(&answer).replace("inf_", "req_");
    let undispatched = refused.request_id().replace("req_", "inf_");
    for path in [
        prefixed,
        format!("/v1/inferences/{undispatched}"),
        "/v1/inferences/inf_ffffffffffffffff".to_owned(),
        "/v1/inferences/%ff".to_owned(),
        "/v1/inferences/inf_0379257800000001'--".to_owned(),
    ] {
        assert_as_unknown(&own, &path, unknown).await;
    }
    let keyless = own.with_key("").get(&path(&answer)).await;
    assert_eq!(keyless.status, 401);
}

/// A page, verified on its own: its events.
fn verify(answer: &Answer) -> Vec<Value> {
    let page: Value = answer.json();
    let mut link = unhex(&page["previous_link"]);
    let events = page["events"].as_array().expect("events");
    let first = events[0]["seq"].as_i64().expect("a place");
    for (seq, event) in (first..).zip(events) {
        assert_eq!(event["seq"], seq, "no gap: {page}");
        if let Some(body) = event.get("body") {
            let bytes = body.to_string();
            assert!(answer.text().contains(&bytes), "canonical: {bytes}");
            assert_eq!(event["digest"], hex(&Sha256::digest(bytes)), "{event}");
            assert_eq!(body["agent"], page["agent_id"], "{event}");
        }
        let both = [link, unhex(&event["digest"])].concat();
        assert_eq!(event["link"], hex(&Sha256::digest(both)), "{event}");
        link = unhex(&event["link"]);
    }
    events.clone()
}

fn unhex(text: &Value) -> Vec<u8> {
    let pairs = text.as_str().expect("hex").as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16);
    pairs.map(|pair| byte(pair).expect("hex")).collect()
}

#[tokio::test]
async fn pages_of_the_audit_verify_on_their_own_and_show_ones_own_events_alone() {
    let (_upstream, mut gateway) = shared().await;
    let mut requests = [Vec::new(), Vec::new()];
    let mut url = String::new();
    for _ in 0..2 {
        for _ in 0..4 {
            for (key, requests) in [None, Some(OTHER)].into_iter().zip(&mut requests) {
                let client = gateway.client();
                let client = key.map_or(client.clone(), |key| client.with_key(key));
                let (answer, _) = client.messages_ok(&ask(TARGET, "hi")).await;
                requests.push(answer.request_id());
                if key.is_none() {
                    url = id(&answer, "x-ainfera-audit-url");
                }
            }
        }
        gateway = gateway.restart().await;
    }
    let client = gateway.client();
    let agent = url.split('/').nth(3).expect("an id");
    let changed = gateway
        .admin()
        .patch(
            &format!("agents/{agent}"),
            &json!({"default_floor": "0.50"}),
        )
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    // Back from the latest, then forth from the first.
    let mut back: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    let mut own = Vec::new();
    let mut first = String::new();
    loop {
        let answer = client.get(&format!("{url}?limit=5{cursor}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        let Some(before) = page["before"].as_str() else {
            assert_eq!(page["events"], json!([]));
            break;
        };
        let mut events = verify(&answer);
        for event in &mut events {
            event["chain"] = page["chain"].clone();
            if let Some(body) = event.get("body") {
                own.push(body["data"]["request"].as_str().map(str::to_owned));
            }
        }
        events.extend(back);
        back = events;
        cursor = format!("&before={before}");
        first = before.to_owned();
    }
    for request in &requests[0] {
        let mentions = own.iter().filter(|own| own.as_ref() == Some(request));
        assert_eq!(mentions.count(), 2, "{request}: opened and closed");
    }
    for request in &requests[1] {
        assert!(
            !own.contains(&Some(request.clone())),
            "{request} is another's"
        );
    }
    assert!(own.contains(&None), "agent.changed is the agent's own, too");
    let all = gateway.records().number("SELECT count(*) FROM audit_log");
    assert_eq!(back.len() as i64, all);

    let mut forth: Vec<Value> = vec![back[0].clone()];
    let mut cursor = first;
    loop {
        let answer = client.get(&format!("{url}?limit=7&after={cursor}")).await;
        let page = answer.json();
        let Some(after) = page["after"].as_str() else {
            break;
        };
        for mut event in verify(&answer) {
            event["chain"] = page["chain"].clone();
            forth.push(event);
        }
        cursor = after.to_owned();
    }
    assert_eq!(forth, back);
}

#[tokio::test]
async fn another_agents_audit_is_as_one_that_there_is_not() {
    let (_upstream, gateway) = shared().await;
    let (answer, _) = gateway.client().messages_ok(&ask(TARGET, "hi")).await;
    let url = id(&answer, "x-ainfera-audit-url");
    let unknown = "/v1/agents/agt_0000000000000001/audit";
    for key in [OTHER, SIBLING] {
        let client = gateway.client().with_key(key);
        assert_as_unknown(&client, &url, unknown).await;
    }
    for path in ["/v1/agents/%ff/audit", "/v1/agents/x/audit?limit=0"] {
        assert_as_unknown(&gateway.client(), path, unknown).await;
    }
    for query in ["limit=0", "limit=x", "before=1", "after=1.1&before=1.1"] {
        let answer = gateway.client().get(&format!("{url}?{query}")).await;
        answer.assert_error_in(
            Dialect::OpenAi,
            400,
            "invalid_request_error",
            "invalid_request_error",
        );
    }
}

#[tokio::test]
async fn without_a_database_ones_records_are_a_503() {
    let (_upstream, gateway) = shared().await;
    let (answer, _) = gateway.client().messages_ok(&ask(TARGET, "hi")).await;
    gateway.database().take_away();
    // The next call notices.
    let refused = gateway.client().messages(&ask(TARGET, "hi")).await;
    assert_eq!(refused.status, 503);
    for path in [path(&answer), id(&answer, "x-ainfera-audit-url")] {
        let answer = gateway.client().get(&path).await;
        answer.assert_error_in(Dialect::OpenAi, 503, "api_error", "records_unavailable");
    }
}
