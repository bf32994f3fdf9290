//! Traces and metrics as an OpenTelemetry collector gets them.

mod exports;
mod losses;
mod traces;

use ainfera_tests::collector::Collector;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::upstream::{Behaviour, Upstream};

const TARGET: &str = "ainfera-inference";

/// `first`, which an Anthropic provider has, then `second`.
fn catalog(upstream: &Upstream) -> Setup {
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .single("first", "a", "0.60", "1")
        .single("second", "b", "0.60", "2");
    Setup::new().catalog(&catalog)
}

async fn start() -> (Upstream, Collector, Gateway) {
    let (upstream, collector) = (Upstream::start(), Collector::start());
    let gateway = collector.exported_to(catalog(&upstream)).start().await;
    (upstream, collector, gateway)
}

fn broken() -> Behaviour {
    Behaviour::status(503, "api_error", "boom")
}
