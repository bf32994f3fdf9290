//! The admin API: JSON under `/admin/v1`, on a listener of its own. One file
//! for each resource.
//!
//! A token opens what its role may do (`auth::access`); the signatures of an
//! authorization are checked besides, by `lifecycle`.

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
mod generations;
mod keys;
mod ledger;
mod money;
mod name;
mod openapi;
mod plugins;
mod policy;
mod prefer;
mod sandbox;
mod shadow;
mod tenants;
mod tokens;
mod work;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{Router, middleware};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::callers::Callers;
use crate::gateway::routes::Routes;
use crate::lifecycle::Lifecycle;
use crate::record::Records;
use crate::store::Store;
use crate::store::tokens::Role;

pub use auth::Tokens;
pub use sandbox::Quotas;
pub use work::Works;

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
    /// What authors may use of the sandbox.
    pub quotas: Arc<Quotas>,
    /// Work that outlasted its callers' patience.
    pub works: Arc<Works>,
    /// Who may call this API.
    pub tokens: Arc<Tokens>,
}

/// The routes. Whoever has no token gets 401 from all of them, and from those
/// that do not exist.
pub fn router(state: AdminState) -> Router {
    Router::from(described())
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::no_method)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            auth::authenticate,
        ))
        .with_state(state)
}

/// The routes with their descriptions: there are no others.
fn described() -> OpenApiRouter<AdminState> {
    OpenApiRouter::with_openapi(openapi::General::openapi())
        .routes(routes!(tenants::create_tenant, tenants::list_tenants))
        .routes(routes!(tenants::get_tenant, tenants::change_tenant))
        .routes(routes!(agents::create_agent, agents::list_agents))
        .routes(routes!(agents::get_agent, agents::change_agent))
        .routes(routes!(keys::create_key, keys::list_keys))
        .routes(routes!(keys::change_key, keys::revoke_key))
        .routes(routes!(keys::rotate_key))
        .routes(routes!(ledger::top_up))
        .routes(routes!(ledger::get_account))
        .routes(routes!(ledger::list_entries))
        .routes(routes!(catalog::show_catalog, catalog::put_catalog))
        .routes(routes!(catalog::change_offer))
        .routes(routes!(catalog::change_model))
        .routes(routes!(plugins::upload_plugin, plugins::list_plugins))
        .routes(routes!(plugins::get_plugin))
        .routes(routes!(changes::propose_change, changes::list_changes))
        .routes(routes!(changes::get_change))
        .routes(routes!(changes::get_report))
        .routes(routes!(authorizations::authorize))
        .routes(routes!(policy::get_policy))
        .routes(routes!(policy::rollback))
        .routes(routes!(generations::list_generations))
        .routes(routes!(
            generations::revoke_generation,
            generations::restore_generation
        ))
        .routes(routes!(
            shadow::start_shadow,
            shadow::get_shadow,
            shadow::stop_shadow
        ))
        .routes(routes!(gates::list_gates))
        .routes(routes!(gates::set_gate))
        .routes(routes!(founders::enrol_founder, founders::list_founders))
        .routes(routes!(tokens::create_token, tokens::list_tokens))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(decisions::list_decisions))
        .routes(routes!(decisions::get_decision))
        .routes(routes!(audit::list_audit_events))
        .routes(routes!(audit::list_audit_chains))
        .routes(routes!(sandbox::evaluate))
        .routes(routes!(sandbox::check))
        .routes(routes!(sandbox::diff))
        .routes(routes!(sandbox::replay))
        .routes(routes!(work::get_work))
        .routes(routes!(openapi::openapi))
}
