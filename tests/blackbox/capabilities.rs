//! What offers can do and how much they take: the engine passes over those that a
//! call needs more of, in every dialect.

use ainfera_tests::client::{Dialect, ask};
use ainfera_tests::gateway::{Catalog, Gateway, Offer, Setup};
use ainfera_tests::upstream::Upstream;
use serde_json::{Value, json};

const TARGET: &str = "ainfera-inference";

/// What [`Offer`] has a switch of its own for.
const NO_TOOLS: &str = "tools = false";

/// A cheap offer with this line in the catalog (`tools = false` among them), and a
/// dear one that can do all.
async fn limited(line: &str) -> (Upstream, Gateway) {
    let upstream = Upstream::start();
    let cheap = Offer::new("cheap", "a", "up-cheap").price("1");
    let cheap = match line {
        NO_TOOLS => cheap.without_tools(),
        line => cheap.line(line),
    };
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .model("cheap", "0.60")
        .offer(cheap)
        .single("dear", "b", "0.60", "2");
    (upstream, Setup::new().catalog(&catalog).start().await)
}

/// A limit, and a request in each dialect that is over it.
fn needs() -> Vec<(&'static str, Value, Value)> {
    let image = "data:image/png;base64,iVBORw0KGgo=";
    vec![
        (
            NO_TOOLS,
            json!({"tools": [{"name": "f", "input_schema": {"type": "object"}}]}),
            json!({"tools": [{"type": "function", "function": {"name": "f"}}]}),
        ),
        (
            "images = false",
            json!({"messages": [{"role": "user", "content": [{"type": "image", "source":
                {"type": "url", "url": "https://example.com/x.png"}}]}]}),
            json!({"messages": [{"role": "user", "content":
                [{"type": "image_url", "image_url": {"url": image}}]}]}),
        ),
        (
            "images = false",
            json!({"messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content":
                    [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t",
                    "content": [{"type": "image", "source":
                        {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}]}]},
            ]}),
            Value::Null,
        ),
        (
            "thinking = false",
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4000}),
            json!({"reasoning_effort": "high"}),
        ),
        (
            "context_tokens = 1000\nmax_output_tokens = 500\ndefault_output_tokens = 100",
            json!({"messages": [{"role": "user", "content": "word ".repeat(2000)}]}),
            json!({"messages": [{"role": "user", "content": "word ".repeat(2000)}]}),
        ),
        (
            "max_output_tokens = 500\ndefault_output_tokens = 100",
            json!({"max_tokens": 501}),
            json!({"max_completion_tokens": 501}),
        ),
    ]
}

#[tokio::test]
async fn an_offer_that_can_not_do_what_the_call_needs_is_no_candidate() {
    for (line, anthropic, openai) in needs() {
        let (upstream, gateway) = limited(line).await;
        for dialect in Dialect::ALL {
            let more = match dialect {
                Dialect::Anthropic => &anthropic,
                _ => &openai,
            };
            for needy in [false, true] {
                if needy && more.is_null() {
                    continue;
                }
                let mut body = dialect.body(&ask(TARGET, "hi"));
                if needy {
                    for (field, value) in more.as_object().expect("an object") {
                        body[field] = value.clone();
                    }
                }
                let client = gateway.client();
                let answer = client.post_bytes(dialect.path(), body.to_string()).await;
                assert_eq!(answer.status, 200, "{line}: {}", answer.text());
                let offer = if needy { "dear@b" } else { "cheap@a" };
                assert_eq!(
                    answer.header("x-ainfera-model"),
                    Some(offer),
                    "{dialect:?}: {line}"
                );
            }
        }
        drop(upstream);
    }
}

#[tokio::test]
async fn an_offer_that_can_not_think_is_not_asked_to() {
    let upstream = Upstream::start();
    let mut catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .responses("c", &upstream.openai_url());
    for provider in ["a", "b", "c"] {
        let model = format!("m-{provider}");
        let offer = Offer::new(&model, provider, &format!("up-{model}"));
        catalog = catalog
            .model(&model, "0.60")
            .offer(offer.line("thinking = false"));
    }
    let gateway = Setup::new().catalog(&catalog).start().await;
    for (provider, own) in [
        ("a", Some(Dialect::Anthropic)),
        ("b", Some(Dialect::OpenAi)),
        ("c", None),
    ] {
        for dialect in Dialect::ALL {
            if own == Some(dialect) {
                continue;
            }
            let wishes = match dialect {
                Dialect::Anthropic => [
                    json!({"type": "enabled", "budget_tokens": 1024}),
                    json!({"type": "disabled"}),
                ]
                .map(|thinking| json!({"thinking": thinking, "max_tokens": 4000})),
                _ => ["high", "none"].map(|effort| json!({"reasoning_effort": effort})),
            };
            for wish in wishes {
                let mut request = ask(&format!("m-{provider}"), "hi");
                for (field, value) in wish.as_object().expect("an object") {
                    request[field] = value.clone();
                }
                gateway.client().hear(dialect, &request, false).await;
                let sent = upstream
                    .take_request_for(&format!("up-m-{provider}"))
                    .json();
                for field in ["thinking", "reasoning_effort", "reasoning"] {
                    assert_eq!(sent.get(field), None, "{dialect:?} to {provider}: {wish}");
                }
            }
        }
    }
}
