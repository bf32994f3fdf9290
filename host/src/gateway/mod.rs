//! The client API: one file for each route, and what they share.

mod answer;
mod auth;
pub mod callers;
mod capture;
mod chat_completions;
mod choose;
mod count_tokens;
mod decision;
mod error;
mod headers;
mod health;
mod hello;
mod hint;
pub mod idempotency;
mod incoming;
mod inference;
mod inferences;
mod messages;
pub mod metrics;
mod models;
mod names;
mod openapi;
mod pinned;
pub mod rate;
mod received;
mod records;
mod refusal;
mod relay;
mod routed;
pub mod routes;
mod rulesets;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::body::BodyLimits;
use crate::policy::Active;
use crate::record::Records;
use crate::store::Store;
use callers::Callers;
use metrics::Metrics;
use routes::Routes;
pub use rulesets::Rulesets;

/// What the client API works with. Everything on the request path is in
/// memory; there the database is only written to, through `records`.
pub struct Gateway {
    /// The policy.
    pub policy: Arc<Active>,
    /// The catalog and the providers.
    pub routes: Arc<ArcSwap<Routes>>,
    /// Who may call.
    pub callers: Arc<Callers>,
    /// Where calls are recorded.
    pub records: Records,
    /// Where an agent's own records are read.
    pub store: Store,
    /// What clients may send.
    pub limits: BodyLimits,
    /// What is kept under idempotency keys; none where they are not honoured.
    pub idempotency: Option<idempotency::Keeping>,
    /// What calls are decided by, for their records.
    pub rulesets: Rulesets,
    /// What is counted.
    pub metrics: Metrics,
}

/// The client API's routes.
pub fn router(gateway: Arc<Gateway>) -> Router {
    openapi::prepare();
    Router::from(api())
        .fallback(refusal::not_found)
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .with_state(gateway)
}

/// The routes with their description: what is not described is not routed.
fn api() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::with_openapi(openapi::General::openapi())
        .routes(routes!(messages::messages))
        .routes(routes!(count_tokens::count_tokens))
        .routes(routes!(chat_completions::chat_completions))
        .routes(routes!(inferences::inferences))
        .routes(routes!(records::inference::get_inference))
        .routes(routes!(records::receipt::get_receipt))
        .routes(routes!(records::audit::get_audit))
        .routes(routes!(models::list_models))
        .routes(routes!(models::get_model))
        .routes(routes!(openapi::openapi))
        .routes(routes!(hello::hello, hello::head_hello))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::scrape::metrics))
}
