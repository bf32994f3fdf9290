//! A collector that is not well costs spans and no call.

use std::time::{Duration, Instant};

use ainfera_tests::client::ask;
use ainfera_tests::collector::{Collector, exporting};
use ainfera_tests::gateway::Gateway;
use ainfera_tests::upstream::{Behaviour, Upstream, closed_port};
use ainfera_tests::wait;

use super::{catalog, start};

/// What `/metrics` says was lost.
async fn lost(gateway: &Gateway, what: &str) -> u64 {
    let text = gateway.client().get("/metrics").await.text();
    let name = format!("ainfera_otlp_dropped_total{{what=\"{what}\"}} ");
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(&name));
    let value = value.unwrap_or_else(|| panic!("no {name} in {text}"));
    value.parse().expect("a count")
}

async fn until_lost(gateway: &Gateway, what: &str, least: u64) {
    let deadline = Instant::now() + wait::PATIENCE;
    while lost(gateway, what).await < least {
        assert!(Instant::now() < deadline, "{what}: {}", gateway.log());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How often the log says that exports of `signal` fail.
fn said(gateway: &Gateway, signal: &str) -> usize {
    let (log, quoted) = (gateway.log(), format!("\"{signal}\""));
    let lines = log.lines();
    lines
        .filter(|line| line.contains("otlp_export_failed") && line.contains(&quoted))
        .count()
}

/// Calls succeed, the gateway says once what is wrong, and counts what is lost.
async fn calls_go_on(gateway: &Gateway) {
    for _ in 0..20 {
        gateway.client().messages_ok(&ask("first", "hi")).await;
    }
    until_lost(gateway, "spans", 1).await;
    until_lost(gateway, "metrics", 2).await;
    for signal in ["traces", "metrics"] {
        // It is counted before it is said, and said before it is read here.
        wait::until("the log to say so", || {
            (said(gateway, signal) > 0).then_some(())
        })
        .await;
    }
    said_once(gateway);
}

fn said_once(gateway: &Gateway) {
    for signal in ["traces", "metrics"] {
        assert_eq!(said(gateway, signal), 1, "{signal}: {}", gateway.log());
    }
}

/// It ends by itself, and its whole log says once what was wrong.
async fn stops(gateway: &Gateway) {
    gateway.terminate();
    assert!(gateway.exited().await.success());
    said_once(gateway);
}

#[tokio::test]
async fn a_collector_that_fails_costs_no_call_and_is_heard_again() {
    let (upstream, collector, gateway) = start().await;
    collector.script(Behaviour::status_body(500, "no"));
    calls_go_on(&gateway).await;
    collector.script(Behaviour::raw_json(""));
    let (message, _) = gateway.client().messages_ok(&ask("first", "hi")).await;
    collector.trace_of(&message.request_id()).await;
    wait::until("the log to say so", || {
        let log = gateway.log();
        let lines = log.lines();
        let recovered = lines.filter(|line| line.contains("otlp_export_recovered"));
        (recovered.count() == 2).then_some(())
    })
    .await;
    // Metrics are sums: none is missing.
    collector.counted("ainfera.calls", &[], 21).await;
    drop(upstream);
}

#[tokio::test]
async fn a_collector_that_is_gone_costs_no_call() {
    let upstream = Upstream::start();
    let gateway = exporting(catalog(&upstream), &closed_port()).start().await;
    calls_go_on(&gateway).await;
    stops(&gateway).await;
}

#[tokio::test]
async fn a_collector_that_never_answers_costs_no_call() {
    let (upstream, collector) = (Upstream::start(), Collector::start());
    collector.script(Behaviour::silence());
    let setup = collector.exported_to(catalog(&upstream));
    let setup = setup
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "300")
        .env("OTEL_BSP_MAX_QUEUE_SIZE", "4")
        .env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2");
    let gateway = setup.start().await;
    calls_go_on(&gateway).await;
    // Two spans for each of twenty calls: the most that can wait is far less.
    until_lost(&gateway, "spans", 20).await;
    assert_eq!(lost(&gateway, "calls").await, 0);
    stops(&gateway).await;

    // A stop does not wait for it, however long it may take: here an hour.
    let gateway = gateway
        .restart_with(|setup| setup.env("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000"))
        .await;
    gateway.client().messages_ok(&ask("first", "hi")).await;
    gateway.terminate();
    assert!(gateway.exited().await.success());
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_is_configured() {
    let (upstream, collector) = (Upstream::start(), Collector::start());
    let off = [
        catalog(&upstream).env("OTEL_SERVICE_NAME", "x"),
        collector
            .exported_to(catalog(&upstream))
            .env("OTEL_SDK_DISABLED", "true"),
        collector
            .exported_to(catalog(&upstream))
            .env("OTEL_TRACES_EXPORTER", "none")
            .env("OTEL_METRICS_EXPORTER", "none"),
    ];
    for setup in off {
        let gateway = setup.start().await;
        gateway.client().messages_ok(&ask("first", "hi")).await;
        assert_eq!(lost(&gateway, "spans").await, 0);
        gateway.terminate();
        assert!(gateway.exited().await.success());
        assert!(!gateway.log().contains("otlp"), "{}", gateway.log());
    }
    assert_eq!(collector.exports().len(), 0);
}
