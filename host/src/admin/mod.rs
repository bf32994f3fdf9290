//! The admin API: JSON under `/admin/v1`, on a listener of its own. One file
//! for each resource.
//!
//! One token opens all of it; the signature of an authorization is checked
//! besides, by `lifecycle`.

mod agents;
mod audit;
mod auth;
mod authorizations;
mod body;
mod changes;
mod decisions;
mod error;
mod founders;
mod gates;
mod plugins;
mod policy;

use std::sync::Arc;

use axum::routing::{get, patch, post, put};
use axum::{Router, middleware};

use crate::gateway::callers::Callers;
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
        .route("/agents", get(agents::list))
        .route("/agents/{id}", patch(agents::change))
        .route("/decisions", get(decisions::list))
        .route("/decisions/{id}", get(decisions::one))
        .route("/audit", get(audit::page))
        .route("/audit/chains", get(audit::chains));
    Router::new()
        .nest("/admin/v1", v1)
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::no_method)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            auth::authenticate,
        ))
        .with_state(state)
}
