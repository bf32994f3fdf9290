//! What is exported beside spans, by whom, where to, and when.

use std::time::Instant;

use ainfera_tests::client::ask;
use ainfera_tests::collector::{Collector, exporting};
use ainfera_tests::gateway::{ADMIN_TOKEN, API_KEY, PROVIDER_KEY};
use ainfera_tests::upstream::{Behaviour, Upstream};
use serde_json::json;

use super::{TARGET, broken, catalog, start};

#[tokio::test]
async fn metrics_are_those_of_the_conventions() {
    let (upstream, collector, gateway) = start().await;
    let client = gateway.client();
    let began = Instant::now();
    client.messages_ok(&ask(TARGET, "one")).await;
    client.messages_ok(&ask(TARGET, "two")).await;
    let took = began.elapsed().as_secs_f64();
    upstream.script("up-first", broken());
    client.messages_ok(&ask(TARGET, "falls back")).await;

    let first = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "a"),
        ("gen_ai.request.model", TARGET),
        ("gen_ai.response.model", "first"),
    ];
    let duration = "gen_ai.server.request.duration";
    let series = collector.counted(duration, &first, 2).await;
    assert_eq!((series.unit.as_str(), series.attributes.len()), ("s", 4));
    assert_eq!((series.bounds[0], series.bounds[13]), (0.01, 81.92));
    assert!(series.sum > 0.0 && series.sum <= took, "{series:?}");

    let usage = "gen_ai.client.token.usage";
    for (kind, sum) in [("input", 50.0), ("output", 30.0)] {
        let mut about = first.to_vec();
        about.push(("gen_ai.token.type", kind));
        let series = collector.counted(usage, &about, 2).await;
        assert_eq!((series.unit.as_str(), series.sum), ("{token}", sum));
        assert_eq!((series.bounds[0], series.bounds[13]), (1.0, 67_108_864.0));
    }

    let attempts = "gen_ai.client.operation.duration";
    let failed = [("gen_ai.request.model", "first"), ("error.type", "503")];
    collector.counted(attempts, &failed, 1).await;
    let answered = [("gen_ai.request.model", "second")];
    let series = collector.counted(attempts, &answered, 1).await;
    assert_eq!(series.attributes.get("error.type"), None);

    let calls = [("http.route", "/v1/messages"), ("ainfera.router", "policy")];
    let series = collector.counted("ainfera.calls", &calls, 2).await;
    assert_eq!(series.attributes["ainfera.outcome"], "succeeded");
    for alarm in [
        "ainfera.dispatch_without_capture",
        "ainfera.passthrough_captured",
    ] {
        collector.counted(alarm, &[], 0).await;
    }
}

#[tokio::test]
async fn what_the_exporter_is_says_the_environment() {
    let (upstream, collector) = (Upstream::start(), Collector::start());
    let setup = collector.exported_to(catalog(&upstream));
    let gateway = setup
        .env(
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        )
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=a%20b")
        .start()
        .await;
    let (first, _) = gateway.client().messages_ok(&ask("first", "hi")).await;
    let (call, _) = collector.trace_of(&first.request_id()).await;
    assert_eq!(call.get("ainfera.router"), "direct");
    assert_eq!(call.get("ainfera.generation"), serde_json::Value::Null);
    let resource = &call.resource;
    assert_eq!(resource["service.name"], "ainfera");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(resource["deployment.environment.name"], "test");
    assert_eq!(resource["telemetry.sdk.language"], "rust");
    let instance = resource["service.instance.id"].clone();
    for export in collector.exports() {
        assert_eq!(export.header("x-tenant"), Some("a b"), "{export:?}");
        assert_eq!(
            export.header("content-type"),
            Some("application/x-protobuf")
        );
    }

    let gateway = gateway
        .restart_with(|setup| setup.env("OTEL_SERVICE_NAME", "edge"))
        .await;
    let (second, _) = gateway.client().messages_ok(&ask("first", "hi")).await;
    let (call, _) = collector.trace_of(&second.request_id()).await;
    assert_eq!(call.resource["service.name"], "edge");
    assert_ne!(call.resource["service.instance.id"], instance);
}

#[tokio::test]
async fn no_prompt_answer_or_key_is_exported() {
    let (upstream, collector, gateway) = start().await;
    let (prompt, said) = ("nobody else's business", "what the model confides");
    upstream.script("up-first", Behaviour::text(said));
    let client = gateway.client();
    let mut request = ask(TARGET, prompt);
    request["system"] = json!(prompt);
    request["metadata"] = json!({"user_id": prompt});
    let (whole, _) = client.messages_ok(&request).await;
    client.stream_ok(&request).await;
    upstream.script(
        "up-first",
        Behaviour::status(400, "invalid_request_error", said),
    );
    let refused = client.messages(&request).await;
    assert_eq!(refused.status, 400);
    collector.trace_of(&whole.request_id()).await;
    collector.trace_of(&refused.request_id()).await;
    collector.counted("ainfera.calls", &[], 2).await;
    gateway.terminate();
    gateway.exited().await;
    let exports = collector.exports();
    assert!(exports.iter().any(|export| export.target == "/v1/metrics"));
    for export in exports {
        let text = String::from_utf8_lossy(&export.body);
        for hidden in [prompt, said, API_KEY, ADMIN_TOKEN, PROVIDER_KEY] {
            assert!(!text.contains(hidden), "{hidden:?} in {text}");
        }
    }
}

#[tokio::test]
async fn what_has_ended_is_sent_before_the_process_ends() {
    let (upstream, collector) = (Upstream::start(), Collector::start());
    let setup = collector.exported_to(catalog(&upstream));
    let setup = setup
        .env("OTEL_BSP_SCHEDULE_DELAY", "3600000")
        .env("OTEL_METRIC_EXPORT_INTERVAL", "3600000");
    let gateway = setup.start().await;
    for _ in 0..3 {
        gateway.client().messages_ok(&ask("first", "hi")).await;
    }
    assert_eq!(collector.exports().len(), 0);
    gateway.terminate();
    assert!(gateway.exited().await.success());
    assert_eq!(collector.spans().len(), 6);
    collector.counted("ainfera.calls", &[], 3).await;
    assert_eq!(collector.exports().len(), 2);
}

#[tokio::test]
async fn the_endpoint_may_be_in_the_file_and_has_to_be_one() {
    let (upstream, collector) = (Upstream::start(), Collector::start());
    let file = |endpoint: &str| {
        let section = format!("\n[otlp]\nendpoint = \"{endpoint}\"\n");
        catalog(&upstream).config(&section)
    };
    let setup = file(&collector.url())
        .env("OTEL_BSP_SCHEDULE_DELAY", "20")
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "60000");
    let gateway = setup.start().await;
    let (message, _) = gateway.client().messages_ok(&ask("first", "hi")).await;
    collector.trace_of(&message.request_id()).await;
    for (setup, named) in [
        (file("localhost:4318"), "otlp.endpoint"),
        (
            exporting(catalog(&upstream), "collector"),
            "OTEL_EXPORTER_OTLP_ENDPOINT",
        ),
        (
            collector
                .exported_to(catalog(&upstream))
                .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ),
    ] {
        let output = setup.refused().await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(named), "{said}");
    }
}
