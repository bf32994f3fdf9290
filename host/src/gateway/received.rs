//! A request by a known caller whose body is here: what every call that needs
//! a model begins with.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use bytes::Bytes;
use http::request::Parts;

use super::callers::Caller;
use super::error::ApiError;
use super::headers::Receipt;
use super::hint::Hint;
use super::incoming::{Incoming, read_body};
use super::{Gateway, auth};
use crate::dialect::ClientRequest;

/// A request that is authenticated and within the limits; its form is still to
/// be read.
pub struct Received {
    caller: Arc<Caller>,
    parts: Parts,
    /// When the last byte was here.
    at: Instant,
    /// The body.
    pub body: Bytes,
}

impl Received {
    /// Takes a request in. The checks come in the order that the records rely
    /// on: key, rate limit, size.
    ///
    /// # Errors
    /// Whatever its sender is to be told.
    pub async fn take(
        gateway: &Gateway,
        request: Request,
        receipt: &mut Receipt,
    ) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let caller = auth::admit(&parts.headers, &gateway.callers, receipt)?;
        let body = read_body(body, &gateway.limits).await?;
        Ok(Self {
            caller,
            parts,
            at: Instant::now(),
            body,
        })
    }

    /// The call of `route` that `request`, read from the body, makes.
    ///
    /// # Errors
    /// 400 for a hint that is none.
    pub fn call<'a>(
        &'a self,
        gateway: &'a Gateway,
        request: &'a ClientRequest<'a>,
        route: &'static str,
    ) -> Result<Incoming<'a>, ApiError> {
        let routes = gateway.routes.load_full();
        Ok(Incoming {
            records: &gateway.records,
            metrics: &gateway.metrics,
            received: self.at,
            rulesets: &gateway.rulesets,
            eligible: routes.eligible(&self.caller),
            routes,
            caller: Arc::clone(&self.caller),
            hint: Hint::read(request.head().hint)?,
            request,
            headers: &self.parts.headers,
            query: self.parts.uri.query(),
            route,
            keyed: None,
        })
    }
}
