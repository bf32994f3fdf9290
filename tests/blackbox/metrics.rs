//! `GET /metrics`: what is counted, of scripted calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ainfera_tests::client::{Dialect, ask, ask_hint, streamed};
use ainfera_tests::gateway::{ADMIN_TOKEN, API_KEY, Catalog, Gateway, PROVIDER_KEY, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use ainfera_tests::upstream::{Behaviour, Gate, Upstream};
use ainfera_tests::wait;
use serde_json::json;

const TARGET: &str = "ainfera-inference";

/// One scrape.
struct Scrape {
    text: String,
    /// By name and labels, as they are written.
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    async fn of(gateway: &Gateway) -> Self {
        let answer = gateway.client().with_key("").get("/metrics").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
        );
        let text = answer.text();
        assert!(text.ends_with("\n# EOF\n"), "{text}");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let samples = lines.map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            (name.to_owned(), value.parse().expect("a number"))
        });
        let samples: BTreeMap<String, f64> = samples.collect();
        let scrape = Self { text, samples };
        scrape.all_histograms_are_whole();
        scrape
    }

    /// What each has counted is in its buckets.
    fn all_histograms_are_whole(&self) {
        let mut seen = 0;
        for (series, count) in &self.samples {
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let Some(name) = name.strip_suffix("_count") else {
                continue;
            };
            let labels = labels.trim_end_matches('}');
            let comma = if labels.is_empty() { "" } else { "," };
            let all = format!("{name}_bucket{{le=\"+Inf\"{comma}{labels}}}");
            assert_eq!(self.samples.get(&all), Some(count), "{all}\n{}", self.text);
            seen += 1;
        }
        assert!(seen >= 6, "{seen} histograms");
    }

    /// The sum of all samples of this name whose labels hold these.
    fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let of = |series: &str| {
            let (found, rest) = series.split_once('{').unwrap_or((series, ""));
            let rest = format!(",{rest}");
            found == name
                && labels
                    .iter()
                    .all(|(label, value)| rest.contains(&format!(",{label}=\"{value}\"")))
        };
        let samples = self.samples.iter().filter(|(series, _)| of(series));
        samples.map(|(_, value)| value).sum()
    }

    #[track_caller]
    fn has(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        let found = self.sum(name, labels);
        let close = (found - value).abs() < 1e-12;
        assert!(
            close,
            "{name} {labels:?}: {found}, not {value}\n{}",
            self.text
        );
    }

    /// Nothing was called without a record, and no record is a pinned call's.
    #[track_caller]
    fn captured(&self) {
        for alarm in [
            "ainfera_dispatch_without_capture_total",
            "ainfera_passthrough_captured_total",
        ] {
            assert_eq!(self.samples.get(alarm), Some(&0.0), "{alarm}");
        }
    }
}

/// `first`, which an Anthropic provider has, then `second`; two failures in a
/// row open a breaker, for longer than any test.
async fn two() -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("first", "a", "0.60", "1")
        .single("second", "b", "0.60", "2");
    let config = "\n[breaker]\nfailures = 2\nopen_ms = 600000\nmax_open_ms = 600000\n";
    let setup = Setup::new().catalog(&catalog).config(config);
    (upstream, setup.start().await)
}

fn broken() -> Behaviour {
    Behaviour::status(503, "api_error", "boom")
}

/// Every kind of call that is counted.
async fn script(upstream: &Upstream, gateway: &Gateway) {
    let client = gateway.client();
    client.messages_ok(&ask(TARGET, "whole")).await;
    client.stream_ok(&ask(TARGET, "streamed")).await;
    client.messages_ok(&ask("ainfera/auto", "alias")).await;
    client.messages_ok(&ask("second", "pinned")).await;
    let native = client.call(Dialect::Native, &ask(TARGET, "native")).await;
    assert_eq!(native.status, 200);
    let none = client
        .messages(&ask_hint(TARGET, json!({"min_quality": "0.99"})))
        .await;
    assert_eq!(none.status, 422);
    assert_eq!(client.messages(&ask("nobody", "hi")).await.status, 404);
    let stranger = gateway.client().with_key("wrong");
    assert_eq!(stranger.messages(&ask(TARGET, "hi")).await.status, 401);
    upstream.script("up-first", broken());
    for _ in 0..3 {
        client.messages_ok(&ask(TARGET, "falls back")).await;
    }
    upstream.script("up-second", broken());
    assert_eq!(client.messages(&ask(TARGET, "fails")).await.status, 502);
}

#[tokio::test]
async fn scripted_calls_are_counted_and_nothing_else_is() {
    let (upstream, gateway) = two().await;
    let before = Scrape::of(&gateway).await;
    before.captured();
    before.has("ainfera_calls_total", &[], 0.0);
    before.has("ainfera_policy_generation", &[], 1.0);
    before.has(
        "ainfera_gate_open",
        &[("gate", "routing_preference_live")],
        0.0,
    );
    before.has("ainfera_records_available", &[], 1.0);

    script(&upstream, &gateway).await;
    let after = Scrape::of(&gateway).await;
    after.captured();

    let calls = "ainfera_calls_total";
    let first = [
        ("gen_ai_provider_name", "a"),
        ("gen_ai_request_model", "first"),
    ];
    let second = [
        ("gen_ai_provider_name", "b"),
        ("gen_ai_request_model", "second"),
    ];
    let count = |more: &[(&str, &str)]| after.sum(calls, more);
    assert_eq!(count(&[]), 10.0, "{}", after.text);
    assert_eq!(count(&[("router", "direct"), ("status", "succeeded")]), 1.0);
    assert_eq!(
        count(&[("router", "policy"), ("status", "succeeded"), first[0]]),
        4.0
    );
    assert_eq!(
        count(&[("router", "policy"), ("status", "succeeded"), second[1]]),
        3.0
    );
    let unanswered = [("gen_ai_provider_name", ""), ("gen_ai_request_model", "")];
    assert_eq!(
        count(&[("status", "rejected_floor"), unanswered[0], unanswered[1]]),
        1.0
    );
    assert_eq!(count(&[("status", "failed"), unanswered[0]]), 1.0);
    assert_eq!(count(&[("http_route", "/v1/inferences")]), 1.0);

    let attempts = "ainfera_attempts_total";
    after.has(attempts, &[first[0], ("outcome", "ok")], 4.0);
    after.has(attempts, &[second[0], ("outcome", "ok")], 4.0);
    let refused = [("outcome", "status"), ("http_response_status_code", "503")];
    after.has(attempts, &[first[0], refused[0], refused[1]], 2.0);
    after.has(attempts, &[second[0], refused[0], refused[1]], 1.0);
    after.has(attempts, &[first[0], ("outcome", "skipped_open")], 2.0);
    after.has("ainfera_breaker_state", &first, 2.0);

    let alias = [("legacy", "ainfera/auto"), ("canonical", TARGET)];
    after.has("ainfera_router_alias_hit_total", &alias, 1.0);
    after.has("ainfera_router_alias_hit_total", &[], 1.0);

    let error = |code| [("http_route", "/v1/messages"), ("error_type", code)];
    for code in [
        "no_candidate",
        "not_found_error",
        "authentication_error",
        "all_candidates_failed",
    ] {
        after.has("ainfera_errors_total", &error(code), 1.0);
    }
    after.has("ainfera_errors_total", &[], 4.0);

    // 7 routed and 1 pinned answer, 1 of them streamed.
    after.has("gen_ai_server_request_duration_seconds_count", &[], 8.0);
    after.has(
        "gen_ai_server_time_to_first_token_seconds_count",
        &first,
        1.0,
    );
    after.has("gen_ai_server_time_to_first_token_seconds_count", &[], 1.0);
    after.has("gen_ai_client_operation_duration_seconds_count", &[], 7.0);
    after.has(
        "gen_ai_client_operation_time_to_first_chunk_seconds_count",
        &[],
        1.0,
    );
    let step = |step| [("step", step)];
    // Every authenticated name that is not pinned; every floor but the given one.
    after.has(
        "ainfera_policy_evaluation_seconds_count",
        &step("classify"),
        10.0,
    );
    after.has(
        "ainfera_policy_evaluation_seconds_count",
        &step("floor"),
        8.0,
    );
    let phase = |phase| [("phase", phase)];
    after.has(
        "ainfera_added_latency_seconds_count",
        &phase("before_dispatch"),
        9.0,
    );
    after.has(
        "ainfera_added_latency_seconds_count",
        &phase("after_answer"),
        9.0,
    );
    // An open and a close for each of nine calls, and the rejected one's.
    after.has("ainfera_records_commit_writes_sum", &[], 19.0);
    after.has("ainfera_open_calls", &[], 0.0);
}

#[tokio::test]
async fn tokens_and_cost_are_those_of_the_records() {
    let (upstream, gateway) = two().await;
    script(&upstream, &gateway).await;
    let scrape = Scrape::of(&gateway).await;
    let records = gateway.records();
    for (column, kind) in [
        ("input_tokens", "input"),
        ("output_tokens", "output"),
        ("cache_read_tokens", "cache_read"),
        ("cache_write_tokens", "cache_creation"),
    ] {
        for (offer, provider) in [("first@a", "a"), ("second@b", "b")] {
            let sql = format!(
                "SELECT coalesce(sum({column}), 0) FROM inferences WHERE offer = '{offer}'"
            );
            #[allow(clippy::cast_precision_loss)]
            let recorded = records.number(&sql) as f64;
            let labels = [
                ("gen_ai_provider_name", provider),
                ("gen_ai_token_type", kind),
            ];
            scrape.has("ainfera_tokens_total", &labels, recorded);
        }
    }
    #[allow(clippy::cast_precision_loss)]
    let cost = records.number("SELECT sum(cost_nanousd) FROM inferences") as f64;
    assert!(cost > 0.0);
    scrape.has("ainfera_cost_usd_total", &[], cost / 1e9);
    let usage = "gen_ai_client_token_usage_count";
    scrape.has(usage, &[("gen_ai_token_type", "output")], 8.0);
}

#[tokio::test]
async fn a_call_under_way_is_open_and_one_whose_client_left_is_counted() {
    let (upstream, gateway) = two().await;
    let gate = Gate::new();
    upstream.script("up-first", Behaviour::text("never all of it").gated(&gate));
    let mut streaming = gateway.client().open_stream(&ask(TARGET, "hi")).await;
    streaming.next().await.expect("a first event");
    let scrape = Scrape::of(&gateway).await;
    scrape.has("ainfera_open_calls", &[], 1.0);
    scrape.has("ainfera_calls_total", &[], 0.0);
    let id = streaming.request_id();
    drop(streaming);
    gateway.records().settled(&id, "cancelled").await;
    // A call that nobody waits for may be on record before it is off this count.
    let scrape = wait::until_answered("no call to be open", async || {
        let scrape = Scrape::of(&gateway).await;
        (scrape.sum("ainfera_open_calls", &[]) == 0.0).then_some(scrape)
    })
    .await;
    let left = [("status", "cancelled"), ("gen_ai_provider_name", "a")];
    scrape.has("ainfera_calls_total", &left, 1.0);
    scrape.captured();
}

#[tokio::test]
async fn what_a_killed_process_left_is_counted_as_abandoned() {
    let (upstream, gateway) = two().await;
    let gate = Gate::new();
    upstream.script("up-first", Behaviour::text("never all of it").gated(&gate));
    let mut streaming = gateway.client().open_stream(&ask(TARGET, "hi")).await;
    streaming.next().await.expect("a first event");
    let gateway = gateway.restart().await;
    // At once, or on a server where others may live when a lease is over.
    wait::until("the killed call to be closed", || {
        let closed = gateway.records().number("SELECT count(*) FROM call_closed");
        (closed == 1).then_some(())
    })
    .await;
    let scrape = Scrape::of(&gateway).await;
    let labels = [
        ("status", "abandoned"),
        ("router", "policy"),
        ("http_route", ""),
    ];
    scrape.has("ainfera_calls_total", &labels, 1.0);
    scrape.has("ainfera_open_calls", &[], 0.0);
}

#[tokio::test]
async fn a_fault_of_the_policy_and_its_generation_are_shown() {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    let gateway = Setup::new().live().catalog(&catalog).start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    let component = plugins::hostile("traps-off-grid");
    founder
        .activate(&gateway, "preference-dial", component)
        .await;
    let agent = gateway.admin().only_agent().await;
    let base = json!({"default_floor": "0.7331"});
    let answer = gateway
        .admin()
        .patch(&format!("agents/{agent}"), &base)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let hint = json!({"routing_preference": "quality"});
    let answer = gateway.client().messages(&ask_hint(TARGET, hint)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let scrape = Scrape::of(&gateway).await;
    scrape.has(
        "ainfera_policy_faults_total",
        &[("error_type", "trap")],
        1.0,
    );
    scrape.has("ainfera_policy_faults_total", &[], 1.0);
    scrape.has("ainfera_policy_generation", &[], 2.0);
    scrape.has("ainfera_gate_open", &[], 1.0);
    scrape.captured();
}

#[tokio::test]
async fn many_at_once_are_all_counted() {
    let gateway = Setup::new().start().await;
    let client = gateway.client();
    let calls = (0..64).map(|number| {
        let client = client.clone();
        tokio::spawn(async move {
            let name = ["ainfera-inference", "ainfera-auto", "sim-small"][number % 3];
            for _ in 0..4 {
                client.messages_ok(&ask(name, "hi")).await;
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("no panic");
    }
    let scrape = Scrape::of(&gateway).await;
    scrape.captured();
    scrape.has("ainfera_calls_total", &[("status", "succeeded")], 256.0);
    scrape.has("ainfera_calls_total", &[("router", "direct")], 84.0);
    scrape.has("ainfera_router_alias_hit_total", &[], 84.0);
    scrape.has("ainfera_attempts_total", &[("outcome", "ok")], 256.0);
    scrape.has("ainfera_records_commit_writes_sum", &[], 512.0);
}

#[tokio::test]
async fn no_secret_prompt_tenant_or_agent_is_shown() {
    let (upstream, gateway) = two().await;
    script(&upstream, &gateway).await;
    let secret = "a prompt that is nobody else's business";
    gateway.client().messages(&ask("first", secret)).await;
    gateway
        .client()
        .messages(&ask(secret, "an odd model name"))
        .await;
    let row = &gateway.records().outcomes()[0];
    let (tenant, agent) = (row["tenant_id"].as_str(), row["agent_id"].as_str());
    let text = Scrape::of(&gateway).await.text;
    let ids = [tenant.expect("an id"), agent.expect("an id")];
    let hidden = [API_KEY, ADMIN_TOKEN, PROVIDER_KEY, secret, ids[0], ids[1]];
    for hidden in hidden {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn what_keys_in_use_are_answered_with_is_counted() {
    let (upstream, gateway) = two().await;
    let client = gateway.client().with_header("idempotency-key", "k");
    let gate = Gate::new();
    upstream.script("up-first", Behaviour::text("one two").gated(&gate));
    let stream = client.open_stream(&ask(TARGET, "hi")).await;
    let same = streamed(&ask(TARGET, "hi"), true);
    for _ in 0..2 {
        assert_eq!(client.messages(&same).await.status, 409);
    }
    gate.open();
    stream.rest().await;
    for _ in 0..3 {
        assert_eq!(client.messages(&same).await.status, 200);
    }
    assert_eq!(client.messages(&ask(TARGET, "ho")).await.status, 422);
    let scrape = Scrape::of(&gateway).await;
    scrape.has("ainfera_calls_total", &[], 1.0);
    scrape.has("ainfera_idempotency_replayed_total", &[], 3.0);
    for (code, count) in [
        ("idempotency_in_flight", 2.0),
        ("idempotency_mismatch", 1.0),
    ] {
        scrape.has("ainfera_errors_total", &[("error_type", code)], count);
    }
}

/// Name, kind and labels of every metric.
type Row = (String, String, BTreeSet<String>);

/// The rows of the table in docs/operations.md.
fn documented() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let document = std::fs::read_to_string(path).expect("the document");
    let section = document
        .split("\n## Metrics\n")
        .nth(1)
        .expect("its section");
    let table = section
        .lines()
        .skip_while(|line| !line.starts_with("| metric "));
    let rows = table.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let words = |cell: &str| cell.replace(['`', ','], "");
        let labels = words(cells[2]);
        let labels = labels.split_whitespace().map(str::to_owned).collect();
        (words(cells[0]), cells[1].to_owned(), labels)
    })
    .collect()
}

#[tokio::test]
async fn the_table_in_the_operations_document_is_what_is_shown() {
    let (upstream, gateway) = two().await;
    script(&upstream, &gateway).await;
    let scrape = Scrape::of(&gateway).await;
    let types = scrape.text.lines();
    let types = types.filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let shown: Vec<Row> = types
        .map(|(name, kind)| {
            let (name, sample) = match kind {
                "counter" => (format!("{name}_total"), format!("{name}_total")),
                "info" => (format!("{name}_info"), format!("{name}_info")),
                "histogram" => (name.to_owned(), format!("{name}_count")),
                _ => (name.to_owned(), name.to_owned()),
            };
            let mut samples = scrape.samples.keys();
            let found = samples.find(|series| series.split('{').next() == Some(&sample));
            let series = found.unwrap_or_else(|| panic!("no sample of {name}"));
            let labels = series.split_once('{').map_or("", |(_, labels)| labels);
            let labels = labels
                .split("\",")
                .filter_map(|label| label.split_once('='));
            let labels = labels.map(|(label, _)| label.to_owned()).collect();
            (name, kind.to_owned(), labels)
        })
        .collect();
    let shown: BTreeSet<Row> = shown.into_iter().collect();
    let documented: BTreeSet<Row> = documented().into_iter().collect();
    let missing: Vec<_> = shown.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&shown).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not in the document: {missing:?}\nnot shown: {gone:?}"
    );
}
