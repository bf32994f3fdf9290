//! A gateway and a fake provider for a test in another language, which scripts the
//! provider and reads what it received over HTTP.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ainfera_tests::gateway::{API_KEY, Catalog, Gateway, Offer, Setup};
use ainfera_tests::upstream::{Gate, Recorded, Upstream};
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::script::Script;

/// The pinned models, by the protocol of their provider. Below every floor, so
/// that none of them is routed to.
pub const PINNED: [(&str, &str); 3] = [
    ("anthropic", "claude"),
    ("openai-chat", "gpt"),
    ("openai-responses", "gpt-pro"),
];

/// Where a child process plays.
pub struct Stage {
    /// With the default policy.
    pub gateway: Gateway,
    controls: Arc<Controls>,
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

/// What the child process can do.
struct Controls {
    upstream: Upstream,
    /// How many requests for a model came before its last script.
    seen: Mutex<HashMap<String, usize>>,
    /// What holds the answers of a model.
    gates: Mutex<HashMap<String, Gate>>,
}

impl Stage {
    /// Starts all of it.
    pub async fn open() -> Self {
        let upstream = Upstream::start();
        let mut catalog = Catalog::new()
            .anthropic("anthropic", &upstream.url())
            .openai("openai-chat", &upstream.openai_url())
            .responses("openai-responses", &upstream.openai_url())
            .model("basic", "0.50")
            .offer(
                Offer::new("basic", "anthropic", "up-basic")
                    .price("0.1")
                    .line("max_output_tokens = 64000"),
            )
            .single("spare", "openai-chat", "0.50", "0.2")
            .model("plain", "0.40")
            .offer(Offer::new("plain", "openai-chat", "up-plain").without_tools());
        for (protocol, model) in PINNED {
            let offer = Offer::new(model, protocol, &upstream_model(model));
            // Claude Code asks for 32,000 tokens.
            let offer = offer.line("max_output_tokens = 64000");
            catalog = catalog.model(model, "0.40").offer(offer);
        }
        let gateway = Setup::new().catalog(&catalog).start().await;
        let controls = Arc::new(Controls {
            upstream,
            seen: Mutex::default(),
            gates: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a local address");
        let serving = tokio::spawn(serve(listener, Arc::clone(&controls)));
        Self {
            gateway,
            controls,
            address,
            serving,
        }
    }

    /// What the child process needs to know.
    pub fn config(&self) -> Value {
        json!({
            "base_url": self.gateway.url(),
            "api_key": API_KEY,
            "control": format!("http://{}", self.address),
            "pinned": PINNED.into_iter().collect::<HashMap<_, _>>(),
        })
    }

    /// The provider.
    pub fn upstream(&self) -> &Upstream {
        &self.controls.upstream
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// `POST /script` tells the provider what to do for a model, and forgets what it
/// received; `POST /release/{model}` lets go what it holds; `GET /received/{model}`
/// is what it received since.
async fn serve(listener: TcpListener, controls: Arc<Controls>) {
    let service = TowerToHyperService::new(
        Router::new()
            .route("/script", post(script))
            .route("/release/{model}", post(release))
            .route("/received/{model}", get(received))
            .with_state(controls),
    );
    while let Ok((stream, _)) = listener.accept().await {
        let service = service.clone();
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            // The child closes its connections as it likes.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn script(State(controls): State<Arc<Controls>>, Json(script): Json<Script>) {
    let model = upstream_model(&script.model);
    let (once, held) = (script.once, script.held);
    let mut behaviour = script.behaviour();
    if held {
        let gate = Gate::new();
        behaviour = behaviour.held(&gate);
        lock(&controls.gates).insert(model.clone(), gate);
    }
    if once {
        controls.upstream.enqueue(&model, behaviour);
        return;
    }
    let seen = controls.upstream.requests_for(&model).len();
    controls.upstream.script(&model, behaviour);
    lock(&controls.seen).insert(model, seen);
}

async fn release(State(controls): State<Arc<Controls>>, Path(model): Path<String>) {
    if let Some(gate) = lock(&controls.gates).remove(&upstream_model(&model)) {
        gate.open();
    }
}

async fn received(
    State(controls): State<Arc<Controls>>,
    Path(model): Path<String>,
) -> Json<Vec<Value>> {
    let model = upstream_model(&model);
    let seen = lock(&controls.seen).get(&model).copied();
    let requests = controls.upstream.requests_for(&model);
    let since = requests.iter().skip(seen.unwrap_or(0));
    Json(since.map(as_json).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn upstream_model(slug: &str) -> String {
    format!("up-{slug}")
}

fn as_json(request: &Recorded) -> Value {
    let headers: HashMap<String, &str> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .collect();
    json!({
        "target": request.target,
        "headers": headers,
        "text": String::from_utf8_lossy(&request.body),
    })
}
