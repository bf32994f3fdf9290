//! The admin API: JSON under `/admin/v1`, on a listener of its own. One file
//! for each resource.
//!
//! One token opens all of it; the signature of an authorization is checked
//! besides, by `lifecycle`.

mod act;
mod agents;
mod audit;
mod auth;
mod authorizations;
mod body;
mod catalog;
mod changes;
mod decisions;
mod error;
mod founders;
mod gates;
mod keys;
mod name;
mod openapi;
mod plugins;
mod policy;
mod tenants;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::routing::{get, post, put};
use axum::{Router, middleware};

use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::callers::Callers;
use crate::gateway::routes::Routes;
use crate::lifecycle::Lifecycle;
use crate::record::Records;
use crate::store::{Digest, Store};

/// Who acts, in the audit: the holder of the token.
const ACTOR: &str = "admin";

/// What the admin API works on. Cheap to clone.
#[derive(Clone)]
pub struct AdminState {
    /// The policy's life.
    pub lifecycle: Arc<Lifecycle>,
    /// The database.
    pub store: Store,
    /// The records of calls.
    pub records: Records,
    /// The gateway's memory of who may call.
    pub callers: Arc<Callers>,
    /// The catalog and the providers that the gateway calls.
    pub routes: Arc<ArcSwap<Routes>>,
    /// SHA-256 of the token.
    pub token: Digest,
}

/// The routes. Whoever has no token gets 401 from all of them, and from those
/// that do not exist.
pub fn router(state: AdminState) -> Router {
    let v1 = Router::new()
        .route("/plugins", get(plugins::list).post(plugins::upload))
        .route("/plugins/{digest}", get(plugins::one))
        .route("/changes", get(changes::list).post(changes::propose))
        .route("/changes/{id}", get(changes::one))
        .route("/changes/{id}/report", get(changes::report))
        .route("/authorizations", post(authorizations::authorize))
        .route("/policy", get(policy::active))
        .route("/policy/generations", get(policy::generations))
        .route("/policy/rollback", post(policy::rollback))
        .route("/gates", get(gates::list))
        .route("/gates/{name}", put(gates::set))
        .route("/founders", get(founders::list).post(founders::enrol))
        .route("/decisions", get(decisions::list))
        .route("/decisions/{id}", get(decisions::one))
        .route("/audit", get(audit::page))
        .route("/audit/chains", get(audit::chains));
    Router::new()
        .nest("/admin/v1", v1)
        .merge(Router::from(described()))
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::no_method)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            auth::authenticate,
        ))
        .with_state(state)
}

/// The routes that are described.
fn described() -> OpenApiRouter<AdminState> {
    OpenApiRouter::with_openapi(openapi::General::openapi())
        .routes(routes!(tenants::create_tenant, tenants::list_tenants))
        .routes(routes!(tenants::get_tenant, tenants::change_tenant))
        .routes(routes!(agents::create_agent, agents::list_agents))
        .routes(routes!(agents::get_agent, agents::change_agent))
        .routes(routes!(keys::create_key, keys::list_keys))
        .routes(routes!(keys::change_key, keys::revoke_key))
        .routes(routes!(keys::rotate_key))
        .routes(routes!(catalog::show_catalog, catalog::put_catalog))
        .routes(routes!(catalog::change_offer))
        .routes(routes!(catalog::change_model))
        .routes(routes!(openapi::openapi))
}
