//! Who may call: a snapshot of keys, agents and tenants.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Mutex;

use super::rate::{Bucket, Rate};
use crate::catalog::Offer;
use crate::policy::Floor;
use crate::store::keys::ApiKey;
use crate::store::tenancy::{self, AgentStatus, Tenancy};
use crate::store::{AgentId, Digest, Store, StoreError, TenantId, now_us};

/// A key, and the agent behind it.
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
    /// From when on the key opens nothing; microseconds since the Unix epoch.
    pub expires_us: Option<i64>,
    /// What the key has left; none where nothing limits it.
    pub bucket: Option<Arc<Bucket>>,
    /// The slugs and offer ids that it may be given; none is all.
    pub allowed: Option<HashSet<String>>,
    /// How far below 0 its tenant's money may fall, in 1e-9 USD; none is any.
    pub credit_limit_nanousd: Option<i64>,
    /// The most that a call may be estimated to cost; none is any.
    pub call_cap_nanousd: Option<i64>,
    /// The most that its calls of a UTC day may cost together; none is any.
    pub day_cap_nanousd: Option<i64>,
}

impl Caller {
    /// Whether it may be given `offer`.
    #[must_use]
    pub fn may_use(&self, offer: &Offer) -> bool {
        self.allowed
            .as_ref()
            .is_none_or(|names| names.contains(&offer.model) || names.contains(&*offer.id))
    }
}

type ByKey = HashMap<Digest, Arc<Caller>>;

/// All callers by the SHA-256 of their keys. Read without a lock.
pub struct Callers {
    rate: Option<Rate>,
    by_key: ArcSwap<ByKey>,
    /// Held while they are read anew: what is older never replaces what is newer.
    turn: Mutex<()>,
}

impl Callers {
    /// Those in `store`, each key at most as often as `rate` says.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn load(store: &Store, rate: Option<Rate>) -> Result<Self, StoreError> {
        let callers = Self {
            rate,
            by_key: ArcSwap::default(),
            turn: Mutex::default(),
        };
        callers.reload(store).await?;
        Ok(callers)
    }

    /// Takes over what `store` has now. What a key has left stays.
    ///
    /// # Errors
    /// If it cannot be read; then nothing changes.
    pub async fn reload(&self, store: &Store) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let tenancy = tenancy::load(store).await?;
        self.by_key.rcu(|before| index(&tenancy, self.rate, before));
        Ok(())
    }

    /// The caller whose key is `key`, unless its time is over. Looked up by
    /// digest, so the time it takes says nothing about a key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Arc<Caller>> {
        let caller = self.by_key.load().get(&Digest::of(key)).map(Arc::clone)?;
        let over = caller.expires_us.is_some_and(|end| end <= now_us());
        (!over).then_some(caller)
    }
}

fn index(tenancy: &Tenancy, rate: Option<Rate>, before: &ByKey) -> ByKey {
    let tenants: HashMap<_, _> = tenancy.tenants.iter().map(|t| (t.id, t)).collect();
    let agents: HashMap<_, _> = tenancy.agents.iter().map(|a| (a.id, a)).collect();
    let of = |key: &ApiKey| {
        let agent = agents.get(&key.agent)?;
        let tenant = tenants.get(&agent.tenant)?;
        let floor = agent.default_floor.or(tenant.default_floor);
        let rate = rate_of(key).or(rate);
        let kept = before
            .get(&key.hash)
            .and_then(|caller| caller.bucket.clone())
            .filter(|bucket| rate.is_some_and(|rate| bucket.is_of(rate)));
        let caller = Caller {
            tenant: agent.tenant,
            agent: agent.id,
            active: agent.status == AgentStatus::Active,
            base: floor
                .and_then(|floor| Floor::new(floor).ok())
                .unwrap_or(Floor::DEFAULT),
            allowed: agent
                .allowed_models
                .as_ref()
                .map(|names| names.iter().cloned().collect()),
            credit_limit_nanousd: tenant.credit_limit_nanousd,
            call_cap_nanousd: agent.call_cap_nanousd,
            day_cap_nanousd: agent.day_cap_nanousd,
            expires_us: key.expires_us,
            bucket: kept.or_else(|| Some(Arc::new(Bucket::new(rate?)))),
        };
        Some((key.hash, Arc::new(caller)))
    };
    tenancy.keys.iter().filter_map(of).collect()
}

/// How often `key` may call, where it has a rate of its own.
fn rate_of(key: &ApiKey) -> Option<Rate> {
    let requests_per_minute = NonZeroU32::new(key.requests_per_minute?)?;
    let burst = key.burst.and_then(NonZeroU32::new);
    Some(Rate {
        requests_per_minute,
        burst: burst.unwrap_or(requests_per_minute),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::store::tenancy::{Agent, Tenant};
    use crate::store::{ApiKeyId, Key};

    /// One agent with two keys.
    fn tenancy() -> Tenancy {
        let (tenant, agent) = (TenantId(Key(1)), AgentId(Key(2)));
        let key = |id, text: &str| ApiKey {
            id: ApiKeyId(Key(id)),
            agent,
            hash: Digest::of(text.as_bytes()),
            prefix: None,
            created_us: 0,
            revoked_us: None,
            expires_us: None,
            requests_per_minute: None,
            burst: None,
        };
        Tenancy {
            tenants: vec![Tenant {
                id: tenant,
                name: "t".into(),
                default_floor: None,
                credit_limit_nanousd: None,
                created_us: 0,
            }],
            agents: vec![Agent {
                allowed_models: None,
                call_cap_nanousd: None,
                day_cap_nanousd: None,
                id: agent,
                tenant,
                name: "a".into(),
                status: AgentStatus::Active,
                default_floor: None,
                created_us: 0,
            }],
            keys: vec![key(3, "one"), key(4, "two")],
        }
    }

    #[test]
    fn each_key_has_a_bucket_of_its_own_that_a_reload_leaves_as_it_is() {
        let rate = Some(Rate {
            requests_per_minute: NonZeroU32::MIN,
            burst: NonZeroU32::MIN,
        });
        let bucket = |callers: &ByKey, key: &str| {
            let caller = &callers[&Digest::of(key.as_bytes())];
            Arc::clone(caller.bucket.as_ref().unwrap())
        };
        let mut tenancy = tenancy();
        let before = index(&tenancy, rate, &ByKey::default());
        assert_eq!(bucket(&before, "one").take().wait, None);
        tenancy.agents[0].status = AgentStatus::Suspended;
        let after = index(&tenancy, rate, &before);
        assert!(bucket(&after, "one").take().wait.is_some());
        assert_eq!(bucket(&after, "two").take().wait, None);
    }

    #[test]
    fn a_keys_own_rate_wins_and_a_new_one_counts_at_once() {
        let mut tenancy = tenancy();
        tenancy.keys[0].requests_per_minute = Some(1);
        let first = index(&tenancy, None, &ByKey::default());
        let of = |callers: &ByKey, key: &str| callers[&Digest::of(key.as_bytes())].bucket.clone();
        assert!(of(&first, "two").is_none());
        let bucket = of(&first, "one").unwrap();
        assert_eq!(bucket.take().limit, 1);
        assert!(bucket.take().wait.is_some());
        let same = index(&tenancy, None, &first);
        assert!(of(&same, "one").unwrap().take().wait.is_some());
        tenancy.keys[0].burst = Some(3);
        let raised = index(&tenancy, None, &same);
        assert_eq!(of(&raised, "one").unwrap().take().remaining, 2);
        tenancy.keys[0].requests_per_minute = None;
        assert!(of(&index(&tenancy, None, &raised), "one").is_none());
    }

    #[test]
    fn a_key_whose_time_is_over_opens_nothing() {
        let mut tenancy = tenancy();
        tenancy.keys[0].expires_us = Some(now_us());
        tenancy.keys[1].expires_us = Some(now_us() + 60_000_000);
        let callers = Callers {
            rate: None,
            by_key: ArcSwap::from_pointee(index(&tenancy, None, &ByKey::default())),
            turn: Mutex::default(),
        };
        assert!(callers.get(b"one").is_none());
        assert!(callers.get(b"two").is_some());
    }

    #[test]
    fn without_a_rate_there_are_no_buckets() {
        let callers = index(&tenancy(), None, &ByKey::default());
        assert_eq!(callers.len(), 2);
        assert!(callers.values().all(|caller| caller.bucket.is_none()));
    }
}
