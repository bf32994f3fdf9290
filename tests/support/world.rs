//! A gateway that many tests share, where each has models of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use crate::client::{Answer, Client};
use crate::gateway::{Catalog, Gateway, Setup};
use crate::upstream::{Behaviour, Upstream};

/// How many pinned models of each protocol the shared catalog has.
const LANES: usize = 64;

/// The model that every routed call is given: the cheapest that clears 0.50.
pub const ROUTED: &str = "basic";

/// A gateway and its provider, alive as long as a test holds it.
pub struct World {
    /// The gateway, default policy, gate closed.
    pub gateway: Gateway,
    /// The provider behind all of its offers.
    pub upstream: Upstream,
    next_anthropic: AtomicUsize,
    next_openai: AtomicUsize,
}

/// A pinned model that only one test uses.
pub struct Lane {
    /// What the client calls it.
    pub slug: String,
    /// What the provider calls it.
    pub upstream_model: String,
    world: Arc<World>,
}

impl World {
    /// The shared one, started if no test holds it.
    pub async fn shared() -> Arc<Self> {
        static SHARED: tokio::sync::Mutex<Weak<World>> = tokio::sync::Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(world) = shared.upgrade() {
            return world;
        }
        let world = Arc::new(Self::start().await);
        *shared = Arc::downgrade(&world);
        world
    }

    async fn start() -> Self {
        let upstream = Upstream::start();
        let mut catalog = Catalog::new()
            .anthropic("anthropic", &upstream.url())
            .openai("openai", &upstream.openai_url())
            .single(ROUTED, "anthropic", "0.50", "0.1");
        for lane in 0..LANES {
            catalog = catalog.single(&format!("claude-{lane}"), "anthropic", "0.70", "3");
            catalog = catalog.single(&format!("gpt-{lane}"), "openai", "0.70", "2");
        }
        Self {
            gateway: Setup::new().catalog(&catalog).start().await,
            upstream,
            next_anthropic: AtomicUsize::new(0),
            next_openai: AtomicUsize::new(0),
        }
    }

    /// A model of the Anthropic protocol for this test alone.
    pub fn anthropic(self: &Arc<Self>) -> Lane {
        self.lane("claude", &self.next_anthropic)
    }

    /// A model of the OpenAI protocol for this test alone.
    pub fn openai(self: &Arc<Self>) -> Lane {
        self.lane("gpt", &self.next_openai)
    }

    fn lane(self: &Arc<Self>, family: &str, next: &AtomicUsize) -> Lane {
        let lane = next.fetch_add(1, Ordering::Relaxed);
        assert!(lane < LANES, "more tests than shared lanes: raise LANES");
        let slug = format!("{family}-{lane}");
        Lane {
            upstream_model: format!("up-{slug}"),
            slug,
            world: Arc::clone(self),
        }
    }

    /// A client of the gateway.
    pub fn client(&self) -> Client {
        self.gateway.client()
    }
}

impl Lane {
    /// What the provider does with every call of this lane.
    pub fn script(&self, behaviour: Behaviour) {
        self.world.upstream.script(&self.upstream_model, behaviour);
    }

    /// A minimal request of this lane's model.
    pub fn ask(&self) -> serde_json::Value {
        crate::client::ask(&self.slug, "hi")
    }

    /// A client of the gateway.
    pub fn client(&self) -> Client {
        self.world.client()
    }

    /// Sends bytes to `/v1/messages`.
    pub async fn send(&self, body: impl Into<bytes::Bytes>) -> Answer {
        self.client().post_bytes("/v1/messages", body).await
    }

    /// The one request that the provider got.
    pub fn sent(&self) -> crate::upstream::Recorded {
        self.world.upstream.only_request_for(&self.upstream_model)
    }
}
