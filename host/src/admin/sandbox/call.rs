//! A call of an author: let in by the quota, and charged for what it took.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Serialize;

use super::form::Form;
use super::quota::Run;
use crate::admin::AdminState;
use crate::admin::auth::Caller;
use crate::admin::error::ApiError;
use crate::admin::prefer::Prefer;
use crate::admin::work;
use crate::lifecycle::Lifecycle;
use crate::lifecycle::sandbox::{Ran, Untried};

/// One that was let in.
pub(super) struct Call {
    state: AdminState,
    prefer: Prefer,
    author: String,
    run: Run,
}

impl Call {
    /// Lets `caller` in, and reads the form, with room for so many `components`.
    pub(super) async fn enter(
        state: AdminState,
        caller: Caller,
        prefer: Prefer,
        headers: HeaderMap,
        body: Body,
        components: usize,
    ) -> Result<(Self, Form), ApiError> {
        let author = caller.to_string();
        let run = state.quotas.enter(&author)?;
        let most = state.lifecycle.engine().guests().most_bytes();
        let form = Form::read(&headers, body, most.saturating_mul(components)).await?;
        let call = Self {
            state,
            prefer,
            author,
            run,
        };
        Ok((call, form))
    }

    /// Does the work, and answers with what comes of it, or with where that will be.
    pub(super) async fn answer<T: Serialize, W>(
        self,
        work: impl FnOnce(Arc<Lifecycle>) -> W,
    ) -> Result<Response, ApiError>
    where
        W: Future<Output = Result<Ran<T>, Untried>> + Send + 'static,
    {
        let Self {
            state,
            prefer,
            author,
            run,
        } = self;
        let work = work(Arc::clone(&state.lifecycle));
        let act = async move {
            let Ran { outcome, took } = work.await?;
            run.charge(took);
            Ok(Json(outcome?).into_response())
        };
        work::answer(&state, prefer, &author, act).await
    }
}
