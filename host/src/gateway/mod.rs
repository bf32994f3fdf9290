//! The client API: one file for each route, and what they share.

mod answer;
mod auth;
pub mod callers;
mod capture;
mod error;
mod headers;
mod health;
mod hint;
mod incoming;
mod messages;
mod pinned;
mod refusal;
mod relay;
mod routed;
pub mod routes;
mod rulesets;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::routing::{get, post};

use crate::body::BodyLimits;
use crate::policy::Active;
use crate::record::Records;
use callers::Callers;
use routes::Routes;
pub use rulesets::Rulesets;

/// What the client API works with. Everything on the request path is in
/// memory; the database is only written to, through `records`.
pub struct Gateway {
    /// The policy.
    pub policy: Arc<Active>,
    /// The catalog and the providers.
    pub routes: ArcSwap<Routes>,
    /// Who may call.
    pub callers: Arc<Callers>,
    /// Where calls are recorded.
    pub records: Records,
    /// What clients may send.
    pub limits: BodyLimits,
    /// What calls are decided by, for their records.
    pub rulesets: Rulesets,
}

/// The client API's routes.
pub fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/v1/messages", post(messages::messages))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(refusal::not_found)
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .with_state(gateway)
}
