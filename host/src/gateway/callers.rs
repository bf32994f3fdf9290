//! Who may call: a snapshot of keys, agents and tenants.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::policy::Floor;
use crate::store::tenancy::{self, AgentStatus, Tenancy};
use crate::store::{AgentId, Digest, Store, StoreError, TenantId};

/// The agent behind a key.
#[derive(Debug)]
pub struct Caller {
    /// Its tenant.
    pub tenant: TenantId,
    /// Itself.
    pub agent: AgentId,
    /// Whether it may call.
    pub active: bool,
    /// The floor of its calls: its own default, else its tenant's, else 0.50.
    pub base: Floor,
}

/// All callers by the SHA-256 of their keys. Read without a lock.
#[derive(Default)]
pub struct Callers(ArcSwap<HashMap<Digest, Arc<Caller>>>);

impl Callers {
    /// Those in `store`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        let callers = Self::default();
        callers.reload(store).await?;
        Ok(callers)
    }

    /// Takes over what `store` has now.
    ///
    /// # Errors
    /// If it cannot be read; then nothing changes.
    pub async fn reload(&self, store: &Store) -> Result<(), StoreError> {
        self.0.store(Arc::new(index(tenancy::load(store).await?)));
        Ok(())
    }

    /// The caller whose key is `key`. Looked up by digest, so the time it takes
    /// says nothing about a key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Arc<Caller>> {
        self.0.load().get(&Digest::of(key)).map(Arc::clone)
    }
}

fn index(tenancy: Tenancy) -> HashMap<Digest, Arc<Caller>> {
    let tenants: HashMap<_, _> = tenancy
        .tenants
        .iter()
        .map(|tenant| (tenant.id, tenant.default_floor))
        .collect();
    let agents: HashMap<_, _> = tenancy
        .agents
        .into_iter()
        .map(|agent| {
            let floor = agent
                .default_floor
                .or_else(|| tenants.get(&agent.tenant).copied().flatten());
            let base = floor
                .and_then(|floor| Floor::new(floor).ok())
                .unwrap_or(Floor::DEFAULT);
            let active = agent.status == AgentStatus::Active;
            (
                agent.id,
                Arc::new(Caller {
                    tenant: agent.tenant,
                    agent: agent.id,
                    active,
                    base,
                }),
            )
        })
        .collect();
    let of = |key: tenancy::ApiKey| {
        agents
            .get(&key.agent)
            .map(|caller| (key.hash, Arc::clone(caller)))
    };
    tenancy.keys.into_iter().filter_map(of).collect()
}
