//! `agents`: who calls, from which floor, and which models.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::{Params, Path};
use super::error::{ApiError, ErrorBody};
use super::{AdminState, act, body, money, name, tenants};
use crate::lifecycle::Internal;
use crate::record::audit::{Event, EventName};
use crate::store::tenancy::{self, AgentChange, AgentStatus};
use crate::store::{AgentId, TenantId, now_us};

/// An agent to be made. It has no key yet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAgent {
    /// Whose it is.
    #[schema(value_type = String, example = "tnt_0379257800000000")]
    tenant: TenantId,
    /// What people call it: 1 to 100 characters, no control characters.
    name: String,
    /// Else `active`.
    status: Option<AgentStatus>,
    /// The floor of its calls that ask for none: a decimal in [0, 1], as a
    /// string; else its tenant's.
    #[schema(example = "0.60")]
    default_floor: Option<String>,
    /// The slugs and offer ids that it may be given; else all.
    allowed_models: Option<Vec<String>>,
    /// The most that a call may be estimated to cost, in US dollars; else any.
    #[schema(example = "0.50")]
    call_cap_usd: Option<String>,
    /// The most that its calls of a UTC day may cost together; else any.
    #[schema(example = "20.00")]
    day_cap_usd: Option<String>,
}

/// What to change of an agent; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentWish {
    /// What people call it from now on.
    name: Option<String>,
    /// Calls of a suspended agent are refused.
    status: Option<AgentStatus>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(value_type = Option<String>, example = "0.60")]
    default_floor: Option<Option<String>>,
    /// Slugs and offer ids; null is all.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(value_type = Option<Vec<String>>)]
    allowed_models: Option<Option<Vec<String>>>,
    /// US dollars; null is any.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(value_type = Option<String>, example = "0.50")]
    call_cap_usd: Option<Option<String>>,
    /// US dollars; null is any.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(value_type = Option<String>, example = "20.00")]
    day_cap_usd: Option<Option<String>>,
}

/// An agent of a tenant: what has keys and makes calls.
#[derive(Serialize, ToSchema)]
pub(super) struct Agent {
    #[schema(value_type = String, example = "agt_0379257800000001")]
    id: AgentId,
    #[schema(value_type = String, example = "tnt_0379257800000000")]
    tenant: TenantId,
    name: String,
    status: AgentStatus,
    /// A decimal.
    default_floor: Option<String>,
    /// The slugs and offer ids that it may be given; null is all.
    allowed_models: Option<Vec<String>>,
    /// The most that a call may be estimated to cost, in US dollars; null is any.
    call_cap_usd: Option<String>,
    /// The most that its calls of a UTC day may cost together; null is any.
    day_cap_usd: Option<String>,
    /// Microseconds since the Unix epoch.
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
            call_cap_nanousd,
            day_cap_nanousd,
            created_us,
        } = agent;
        Self {
            id,
            tenant,
            name,
            status,
            default_floor: default_floor.map(|floor| floor.to_string()),
            allowed_models,
            call_cap_usd: call_cap_nanousd.map(money::usd),
            day_cap_usd: day_cap_nanousd.map(money::usd),
            created_us,
        }
    }
}

/// Agents, the first one first.
#[derive(Serialize, ToSchema)]
pub(super) struct Agents {
    agents: Vec<Agent>,
}

/// Which agents.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    tenant: Option<TenantId>,
}

/// Makes an agent.
#[utoipa::path(
    post,
    path = "/admin/v1/agents",
    tag = "Tenancy",
    request_body = NewAgent,
    responses(
        (status = 201, description = "The agent. Audited as `agent.created`.", body = Agent),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such tenant.", body = ErrorBody)
    )
)]
pub(super) async fn create_agent(
    State(state): State<AdminState>,
    caller: Caller,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (new, _) = body::json::<NewAgent>(body).await?;
    let agent = tenancy::Agent {
        id: AgentId::random().map_err(Internal::from)?,
        tenant: new.tenant,
        name: name::check(new.name)?,
        status: new.status.unwrap_or(AgentStatus::Active),
        default_floor: new
            .default_floor
            .as_deref()
            .map(tenants::floor)
            .transpose()?,
        allowed_models: new.allowed_models,
        call_cap_nanousd: money::limit("call_cap_usd", Some(new.call_cap_usd))?.flatten(),
        day_cap_nanousd: money::limit("day_cap_usd", Some(new.day_cap_usd))?.flatten(),
        created_us: now_us(),
    };
    let agent = act::detached(async move {
        let mut tx = state.store.begin().await?;
        tenancy::insert_agent(&mut tx, &agent).await?;
        act::commit(&state, &caller, tx, event(EventName::AgentCreated, &agent)).await?;
        Ok(agent)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(Agent::from(agent))))
}

/// Every agent, or those of a tenant.
#[utoipa::path(
    get,
    path = "/admin/v1/agents",
    tag = "Tenancy",
    params(("tenant" = Option<String>, Query, description = "Only those of this tenant.")),
    responses(
        (status = 200, description = "The agents.", body = Agents),
        (status = 400, description = "`invalid_request`: the query has something else.", body = ErrorBody)
    )
)]
pub(super) async fn list_agents(
    State(state): State<AdminState>,
    Params(which): Params<Which>,
) -> Result<impl IntoResponse, ApiError> {
    let agents = tenancy::agents(&state.store, which.tenant).await?;
    Ok(Json(Agents {
        agents: agents.into_iter().map(Agent::from).collect(),
    }))
}

/// One agent.
#[utoipa::path(
    get,
    path = "/admin/v1/agents/{id}",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The agent's id, `agt_…`.")),
    responses(
        (status = 200, description = "The agent.", body = Agent),
        (status = 404, description = "`not_found`: there is none of this id.", body = ErrorBody)
    )
)]
pub(super) async fn get_agent(
    State(state): State<AdminState>,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    let agent = tenancy::get_agent(&state.store, body::id(&id)?).await?;
    Ok(Json(Agent::from(agent)))
}

/// Changes an agent, for the next call already.
#[utoipa::path(
    patch,
    path = "/admin/v1/agents/{id}",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The agent's id, `agt_…`.")),
    request_body = AgentWish,
    responses(
        (status = 200, description = "The agent as it is then. Audited as `agent.changed`.", body = Agent),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is none of this id.", body = ErrorBody)
    )
)]
pub(super) async fn change_agent(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let id: AgentId = body::id(&id)?;
    let (wish, _) = body::json::<AgentWish>(body).await?;
    let change = AgentChange {
        name: wish.name.map(name::check).transpose()?,
        status: wish.status,
        default_floor: wish
            .default_floor
            .map(|text| text.as_deref().map(tenants::floor).transpose())
            .transpose()?,
        allowed_models: wish.allowed_models,
        call_cap_nanousd: money::limit("call_cap_usd", wish.call_cap_usd)?,
        day_cap_nanousd: money::limit("day_cap_usd", wish.day_cap_usd)?,
    };
    if change == AgentChange::default() {
        return Err(ApiError::bad_request(
            "name `name`, `status`, `default_floor`, `allowed_models`, `call_cap_usd` or `day_cap_usd`",
        ));
    }
    let agent = act::detached(async move {
        let mut tx = state.store.begin().await?;
        let agent = tenancy::change_agent(&mut tx, id, change).await?;
        act::commit(&state, &caller, tx, event(EventName::AgentChanged, &agent)).await?;
        Ok(agent)
    })
    .await?;
    Ok(Json(Agent::from(agent)))
}

fn event(name: EventName, agent: &tenancy::Agent) -> Event<serde_json::Value> {
    let floor = agent.default_floor.map(|floor| floor.to_string());
    Event {
        name,
        tenant: Some(agent.tenant),
        agent: Some(agent.id),
        data: json!({
            "allowed_models": agent.allowed_models,
            "call_cap_usd": agent.call_cap_nanousd.map(money::usd),
            "day_cap_usd": agent.day_cap_nanousd.map(money::usd),
            "default_floor": floor,
            "name": agent.name,
            "status": agent.status,
        }),
    }
}
