//! A gateway that many tests share, where each has models of its own.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::client::{Answer, Client};
use crate::dialects::Protocol;
use crate::gateway::{Catalog, Gateway, Setup};
use crate::upstream::{Behaviour, Upstream};

/// How many pinned models of each protocol the shared catalog has: more than tests
/// hold at a time.
const LANES: usize = 64;

/// The model that every routed call is given: the cheapest that clears 0.50.
pub const ROUTED: &str = "basic";

/// A gateway and its provider, alive as long as a test holds it.
pub struct World {
    /// The gateway, default policy, gate closed.
    pub gateway: Gateway,
    /// The provider behind all of its offers.
    pub upstream: Upstream,
    /// The lanes of each protocol that no test holds, the longest unused first.
    free: [Mutex<VecDeque<usize>>; 3],
}

/// A pinned model that only one test uses at a time.
pub struct Lane {
    /// What the client calls it.
    pub slug: String,
    /// What the provider calls it.
    pub upstream_model: String,
    /// What the provider speaks.
    pub protocol: Protocol,
    number: usize,
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
            .responses("openai-responses", &upstream.openai_url())
            .single(ROUTED, "anthropic", "0.50", "0.1");
        // Below every floor, so that no routed call considers them.
        for (family, provider) in Protocol::ALL.map(of_protocol) {
            for lane in 0..LANES {
                catalog = catalog.single(&format!("{family}-{lane}"), provider, "0.10", "3");
            }
        }
        Self {
            gateway: Setup::new().catalog(&catalog).start().await,
            upstream,
            free: std::array::from_fn(|_| Mutex::new((0..LANES).collect())),
        }
    }

    /// A model of the Anthropic protocol for this test alone.
    pub fn anthropic(self: &Arc<Self>) -> Lane {
        self.lane(Protocol::Anthropic)
    }

    /// A model of OpenAI Chat Completions for this test alone.
    pub fn openai(self: &Arc<Self>) -> Lane {
        self.lane(Protocol::Chat)
    }

    /// A model of OpenAI Responses for this test alone.
    pub fn responses(self: &Arc<Self>) -> Lane {
        self.lane(Protocol::Responses)
    }

    /// A model of each protocol for this test alone.
    pub fn each(self: &Arc<Self>) -> [Lane; 3] {
        Protocol::ALL.map(|protocol| self.lane(protocol))
    }

    /// A model of this protocol for this test alone.
    pub fn lane(self: &Arc<Self>, protocol: Protocol) -> Lane {
        let number = self.free(protocol).pop_front();
        let number = number.expect("a lane that no test holds: raise LANES");
        let (family, _) = of_protocol(protocol);
        let slug = format!("{family}-{number}");
        Lane {
            upstream_model: format!("up-{slug}"),
            slug,
            protocol,
            number,
            world: Arc::clone(self),
        }
    }

    fn free(&self, protocol: Protocol) -> MutexGuard<'_, VecDeque<usize>> {
        let free = &self.free[protocol as usize];
        free.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// The one request that the provider got since this was last asked.
    pub fn take_sent(&self) -> crate::upstream::Recorded {
        self.world.upstream.take_request_for(&self.upstream_model)
    }

    /// Whether the provider got no request.
    pub fn untouched(&self) -> bool {
        self.world
            .upstream
            .requests_for(&self.upstream_model)
            .is_empty()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.world.upstream.forget(&self.upstream_model);
        self.world.free(self.protocol).push_back(self.number);
    }
}

/// The family of a protocol's lanes, and its provider.
fn of_protocol(protocol: Protocol) -> (&'static str, &'static str) {
    match protocol {
        Protocol::Anthropic => ("claude", "anthropic"),
        Protocol::Chat => ("gpt", "openai"),
        Protocol::Responses => ("o", "openai-responses"),
    }
}
