//! `tenants`: whose agents call.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Path;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, act, body, money, name};
use crate::lifecycle::Internal;
use crate::policy::Floor;
use crate::record::audit::{Event, EventName};
use crate::store::tenancy::{self, TenantChange};
use crate::store::{TenantId, now_us};

/// A tenant to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTenant {
    /// What people call it: 1 to 100 characters, no control characters.
    name: String,
    /// The floor of its agents that have none of their own: a decimal in [0, 1],
    /// as a string.
    #[schema(example = "0.60")]
    default_floor: Option<String>,
    /// How far below 0 its money may fall, in US dollars: a call that may cost
    /// more than what is left gets 402. `0` is prepaid; else nothing limits it.
    #[schema(example = "25.00")]
    credit_limit_usd: Option<String>,
}

/// What to change of a tenant; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantWish {
    /// What people call it from now on.
    name: Option<String>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(value_type = Option<String>, example = "0.60")]
    default_floor: Option<Option<String>>,
    /// Null takes it away: then nothing limits it.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(value_type = Option<String>, example = "25.00")]
    credit_limit_usd: Option<Option<String>>,
}

/// A tenant: nobody sees another tenant's anything.
#[derive(Serialize, ToSchema)]
pub(super) struct Tenant {
    #[schema(value_type = String, example = "tnt_0379257800000000")]
    id: TenantId,
    name: String,
    /// A decimal.
    default_floor: Option<String>,
    /// How far below 0 its money may fall, in US dollars; null is any.
    credit_limit_usd: Option<String>,
    /// Microseconds since the Unix epoch.
    created_us: i64,
}

impl From<tenancy::Tenant> for Tenant {
    fn from(tenant: tenancy::Tenant) -> Self {
        let tenancy::Tenant {
            id,
            name,
            default_floor,
            credit_limit_nanousd,
            created_us,
        } = tenant;
        Self {
            id,
            name,
            default_floor: default_floor.map(|floor| floor.to_string()),
            credit_limit_usd: credit_limit_nanousd.map(money::usd),
            created_us,
        }
    }
}

/// Every tenant, the first one first.
#[derive(Serialize, ToSchema)]
pub(super) struct Tenants {
    tenants: Vec<Tenant>,
}

/// The floor that a text names.
pub(super) fn floor(text: &str) -> Result<rust_decimal::Decimal, ApiError> {
    text.parse::<Floor>()
        .map(Floor::get)
        .map_err(|error| ApiError::bad_request(format!("default_floor: {error}")))
}

/// Makes a tenant.
#[utoipa::path(
    post,
    path = "/admin/v1/tenants",
    tag = "Tenancy",
    request_body = NewTenant,
    responses(
        (status = 201, description = "The tenant. Audited as `tenant.created`.", body = Tenant),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody)
    )
)]
pub(super) async fn create_tenant(
    State(state): State<AdminState>,
    caller: Caller,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (new, _) = body::json::<NewTenant>(body).await?;
    let tenant = tenancy::Tenant {
        id: TenantId::random().map_err(Internal::from)?,
        name: name::check(new.name)?,
        default_floor: new.default_floor.as_deref().map(floor).transpose()?,
        credit_limit_nanousd: money::limit("credit_limit_usd", Some(new.credit_limit_usd))?
            .flatten(),
        created_us: now_us(),
    };
    let tenant = act::detached(async move {
        let mut tx = state.store.begin().await?;
        tenancy::insert_tenant(&mut tx, &tenant).await?;
        act::commit(
            &state,
            &caller,
            tx,
            event(EventName::TenantCreated, &tenant),
        )
        .await?;
        Ok(tenant)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(Tenant::from(tenant))))
}

/// Every tenant.
#[utoipa::path(
    get,
    path = "/admin/v1/tenants",
    tag = "Tenancy",
    responses((status = 200, description = "Every tenant.", body = Tenants))
)]
pub(super) async fn list_tenants(
    State(state): State<AdminState>,
) -> Result<impl IntoResponse, ApiError> {
    let tenants = tenancy::tenants(&state.store).await?;
    Ok(Json(Tenants {
        tenants: tenants.into_iter().map(Tenant::from).collect(),
    }))
}

/// One tenant.
#[utoipa::path(
    get,
    path = "/admin/v1/tenants/{id}",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The tenant's id, `tnt_…`.")),
    responses(
        (status = 200, description = "The tenant.", body = Tenant),
        (status = 404, description = "`not_found`: there is none of this id.", body = ErrorBody)
    )
)]
pub(super) async fn get_tenant(
    State(state): State<AdminState>,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    let tenant = tenancy::get_tenant(&state.store, body::id(&id)?).await?;
    Ok(Json(Tenant::from(tenant)))
}

/// Changes a tenant, for the next call already.
#[utoipa::path(
    patch,
    path = "/admin/v1/tenants/{id}",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The tenant's id, `tnt_…`.")),
    request_body = TenantWish,
    responses(
        (status = 200, description = "The tenant as it is then. Audited as `tenant.changed`.", body = Tenant),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is none of this id.", body = ErrorBody)
    )
)]
pub(super) async fn change_tenant(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let id: TenantId = body::id(&id)?;
    let (wish, _) = body::json::<TenantWish>(body).await?;
    let change = TenantChange {
        name: wish.name.map(name::check).transpose()?,
        default_floor: wish
            .default_floor
            .map(|text| text.as_deref().map(floor).transpose())
            .transpose()?,
        credit_limit_nanousd: money::limit("credit_limit_usd", wish.credit_limit_usd)?,
    };
    if change == TenantChange::default() {
        return Err(ApiError::bad_request(
            "name `name`, `default_floor` or `credit_limit_usd`",
        ));
    }
    let tenant = act::detached(async move {
        let mut tx = state.store.begin().await?;
        let tenant = tenancy::change_tenant(&mut tx, id, change).await?;
        act::commit(
            &state,
            &caller,
            tx,
            event(EventName::TenantChanged, &tenant),
        )
        .await?;
        Ok(tenant)
    })
    .await?;
    Ok(Json(Tenant::from(tenant)))
}

fn event(name: EventName, tenant: &tenancy::Tenant) -> Event<serde_json::Value> {
    let floor = tenant.default_floor.map(|floor| floor.to_string());
    Event {
        name,
        tenant: Some(tenant.id),
        agent: None,
        data: json!({"credit_limit_usd": tenant.credit_limit_nanousd.map(money::usd), "default_floor": floor, "name": tenant.name}),
    }
}
