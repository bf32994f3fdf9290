//! `agents`: who calls, from which floor, and which models.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use super::error::ApiError;
use super::{ACTOR, AdminState, body};
use crate::policy::Floor;
use crate::record::audit::{self, Event, EventName};
use crate::store::tenancy::{self, AgentChange, AgentStatus};
use crate::store::{AgentId, StoreError, TenantId};

/// What to change; what is left out stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    status: Option<AgentStatus>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "given")]
    default_floor: Option<Option<String>>,
    /// Slugs and offer ids; null is all.
    #[serde(default, deserialize_with = "given")]
    allowed_models: Option<Option<Vec<String>>>,
}

/// Tells null from nothing.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// An agent, as this API shows it.
#[derive(Serialize)]
struct Agent {
    id: AgentId,
    tenant: TenantId,
    name: String,
    status: AgentStatus,
    default_floor: Option<String>,
    allowed_models: Option<Vec<String>>,
    created_us: i64,
}

impl From<tenancy::Agent> for Agent {
    fn from(agent: tenancy::Agent) -> Self {
        let tenancy::Agent {
            id,
            tenant,
            name,
            status,
            default_floor,
            allowed_models,
            created_us,
        } = agent;
        Self {
            id,
            tenant,
            name,
            status,
            default_floor: default_floor.map(|floor| floor.to_string()),
            allowed_models,
            created_us,
        }
    }
}

#[derive(Serialize)]
struct List {
    agents: Vec<Agent>,
}

/// `GET agents`.
pub(super) async fn list(State(state): State<AdminState>) -> Result<impl IntoResponse, ApiError> {
    let agents = tenancy::load(&state.store)
        .await?
        .agents
        .into_iter()
        .map(Agent::from)
        .collect();
    Ok(Json(List { agents }))
}

/// `PATCH agents/{id}`: the agent as it is then, for the next call already.
pub(super) async fn change(
    State(state): State<AdminState>,
    Path(id): Path<String>,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let id: AgentId = body::id(&id)?;
    let (wish, _) = body::json::<Change>(body).await?;
    if wish.status.is_none() && wish.default_floor.is_none() && wish.allowed_models.is_none() {
        return Err(ApiError::bad_request(
            "name `status`, `default_floor` or `allowed_models`",
        ));
    }
    let default_floor = match wish.default_floor {
        Some(Some(text)) => Some(Some(
            text.parse::<Floor>()
                .map_err(|error| ApiError::bad_request(format!("default_floor: {error}")))?
                .get(),
        )),
        Some(None) => Some(None),
        None => None,
    };
    let change = AgentChange {
        status: wish.status,
        default_floor,
        allowed_models: wish.allowed_models,
    };
    // Detached: a caller that goes away does not stop it between commit and memory.
    let act = async move {
        let mut tx = state.store.begin().await?;
        let agent = tenancy::change_agent(&mut tx, id, change).await?;
        let data = json!({"actor": ACTOR, "allowed_models": agent.allowed_models, "default_floor": agent.default_floor.map(|floor| floor.to_string()), "status": agent.status});
        let event = Event {
            name: EventName::AgentChanged,
            tenant: Some(agent.tenant),
            agent: Some(id),
            data,
        };
        audit::append(&mut tx, &event).await?;
        tx.commit().await.map_err(StoreError::from)?;
        state.callers.reload(&state.store).await?;
        Ok::<_, ApiError>(agent)
    };
    let agent = tokio::spawn(act)
        .await
        .map_err(crate::lifecycle::Internal::from)??;
    Ok(Json(Agent::from(agent)))
}
