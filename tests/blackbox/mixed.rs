//! A thousand mixed calls, in every dialect: exactly one row for each routed one, none for the
//! pinned, nothing pending.

use std::sync::Arc;

use ainfera_tests::client::{Client, Dialect, ask, ask_hint, streamed};
use ainfera_tests::gateway::{Catalog, Setup};
use ainfera_tests::upstream::{Behaviour, End, Upstream};
use ainfera_tests::wait;
use serde_json::{Value, json};

const NAMES: [&str; 4] = [
    "ainfera-inference",
    "ainfera-mithril",
    "ainfera-auto",
    "ainfera/auto",
];
const ROUTED: usize = 1_000;
const PINNED: usize = 200;
const AT_ONCE: usize = 16;

/// How a call is made to end. Each has providers of its own, picked by the hint,
/// so that calls side by side can't disturb each other.
#[derive(Clone, Copy)]
enum Way {
    Success,
    Fallback,
    RejectedFloor,
    AllFailed,
    ClientGone,
    ProviderDead,
}

impl Way {
    const ALL: [Self; 6] = [
        Self::Success,
        Self::Fallback,
        Self::RejectedFloor,
        Self::AllFailed,
        Self::ClientGone,
        Self::ProviderDead,
    ];

    fn hint(self) -> Value {
        match self {
            Self::Success => json!({"allow_providers": ["good"]}),
            Self::Fallback => json!({"allow_providers": ["broken", "good"]}),
            Self::RejectedFloor => json!({"min_quality": "0.99"}),
            Self::AllFailed => json!({"allow_providers": ["broken"]}),
            Self::ClientGone => json!({"allow_providers": ["hanging"]}),
            Self::ProviderDead => json!({"allow_providers": ["dying"]}),
        }
    }

    fn status(self) -> &'static str {
        match self {
            Self::Success | Self::Fallback => "succeeded",
            Self::RejectedFloor => "rejected_floor",
            Self::AllFailed => "failed",
            Self::ClientGone => "cancelled",
            Self::ProviderDead => "interrupted",
        }
    }

    /// Makes the call; its request id.
    async fn call(self, client: &Client, name: &str, dialect: Dialect, stream: bool) -> String {
        let must_stream = matches!(self, Self::ClientGone | Self::ProviderDead);
        let request = streamed(&ask_hint(name, self.hint()), stream || must_stream);
        let body = dialect.body(&request).to_string();
        let mut open = client.open(dialect.path(), body).await;
        let id = open.request_id();
        if matches!(self, Self::ClientGone) {
            open.next().await.expect("a first event");
            drop(open);
        } else {
            open.rest().await;
        }
        id
    }
}

fn catalog(upstream: &Upstream) -> Catalog {
    Catalog::new()
        .anthropic("broken", &upstream.url())
        .responses("good", &upstream.openai_url())
        .anthropic("hanging", &upstream.url())
        .openai("dying", &upstream.openai_url())
        .single("broken", "broken", "0.60", "1")
        .single("good", "good", "0.60", "2")
        .single("hanging", "hanging", "0.60", "3")
        .single("dying", "dying", "0.60", "3")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_mixed_calls_one_row_each() {
    let upstream = Upstream::start();
    upstream.script("up-broken", Behaviour::status(503, "api_error", "broken"));
    upstream.script("up-hanging", Behaviour::text("one two").ending(End::Hang));
    let dying = Behaviour::text("one two")
        .with(|answer| answer.frames = Some(2))
        .ending(End::Abort);
    upstream.script("up-dying", dying);
    let gateway = Setup::new().catalog(&catalog(&upstream)).start().await;
    let client = gateway.client();
    let permits = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));

    let mut calls = tokio::task::JoinSet::new();
    for index in 0..ROUTED + PINNED {
        let permit = Arc::clone(&permits).acquire_owned().await.expect("open");
        let client = client.clone();
        calls.spawn(async move {
            let _permit = permit;
            let dialect = Dialect::ALL[index % 7 % 3];
            if index % 6 == 5 {
                // Pinned, to two vendors, one of which breaks.
                let model = if index % 12 == 5 { "good" } else { "dying" };
                let request = streamed(&ask(model, "hi"), index % 24 < 12);
                let body = dialect.body(&request).to_string();
                let open = client.open(dialect.path(), body).await;
                let id = open.request_id();
                open.rest().await;
                return (id, None);
            }
            let number = index - index / 6;
            let way = Way::ALL[number % 6];
            let name = NAMES[(number / 6) % 4];
            (
                way.call(&client, name, dialect, (number / 24) % 2 == 0)
                    .await,
                Some((way, name)),
            )
        });
    }
    let calls: Vec<_> = calls.join_all().await;

    wait::until("every row to be closed", || {
        let pending = "SELECT count(*) FROM routing_outcomes WHERE outcome_status = 'pending'";
        (gateway.records().number(pending) == 0).then_some(())
    })
    .await;
    let rows = gateway.records().outcomes();
    let routed = gateway.records().audit("inference.routed");
    let count = |id: &str, router: &str| {
        routed
            .iter()
            .filter(|e| e["request"] == id && e["router"] == router)
            .count()
    };
    for (id, way) in &calls {
        let mine: Vec<_> = rows
            .iter()
            .filter(|row| row["request_id"] == id.as_str())
            .collect();
        match way {
            Some((way, name)) => {
                assert_eq!(mine.len(), 1, "rows of {id}");
                assert_eq!(mine[0]["outcome_status"], way.status(), "{:?}", mine[0]);
                assert_eq!(mine[0]["requested"], *name);
                assert_eq!(count(id, "policy"), 1);
            }
            None => {
                assert!(mine.is_empty(), "a pinned call has a row: {mine:?}");
                assert_eq!(count(id, "direct"), 1);
            }
        }
    }
    assert_eq!(rows.len(), ROUTED);
    assert_eq!(calls.len(), ROUTED + PINNED);
    upstream.wait_idle().await;
}
