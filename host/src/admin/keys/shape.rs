//! Keys, as this API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::store::keys::ApiKey;
use crate::store::{AgentId, ApiKeyId, now_us};

/// What a key opens.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeyState {
    /// It opens.
    Active,
    /// It opens until `expires_us`.
    Expiring,
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

/// A key, without its text.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Key {
    #[schema(value_type = String, example = "key_0379257800000002")]
    id: ApiKeyId,
    #[schema(value_type = String, example = "agt_0379257800000001")]
    agent: AgentId,
    /// How its text begins; null for one that was given to the first start.
    #[schema(example = "ak_5f0c91d2")]
    prefix: Option<String>,
    state: KeyState,
    /// Microseconds since the Unix epoch.
    created_us: i64,
    expires_us: Option<i64>,
    revoked_us: Option<i64>,
    /// Its own rate; null is that of the configuration.
    requests_per_minute: Option<u32>,
    burst: Option<u32>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        let state = match (key.revoked_us, key.expires_us) {
            (Some(_), _) => KeyState::Revoked,
            (None, Some(end)) if end <= now_us() => KeyState::Expired,
            (None, Some(_)) => KeyState::Expiring,
            (None, None) => KeyState::Active,
        };
        Self {
            id: key.id,
            agent: key.agent,
            prefix: key.prefix,
            state,
            created_us: key.created_us,
            expires_us: key.expires_us,
            revoked_us: key.revoked_us,
            requests_per_minute: key.requests_per_minute,
            burst: key.burst,
        }
    }
}

/// A new key with its text.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct NewKey {
    #[serde(flatten)]
    pub(super) key: Key,
    /// The key itself. It is not shown again.
    pub(super) secret: String,
    /// The key that it replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replaced: Option<Key>,
}

/// The keys of an agent, the first one first.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Keys {
    pub(super) keys: Vec<Key>,
}
