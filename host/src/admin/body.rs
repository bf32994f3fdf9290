//! Request bodies and query strings, bounded.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{self, FromRequestParts, Query};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::error::ApiError;
use crate::body::{BodyError, BodyLimits, read};

/// The most bytes of JSON.
pub(super) const JSON_BYTES: usize = 64 << 10;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// Items on a page, where none is asked for and at most.
const PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 1_000;

/// The whole body, if it has at most `most` bytes. `advice` says what to do
/// about one that is larger.
pub(super) async fn bytes(body: Body, most: usize, advice: &str) -> Result<Bytes, ApiError> {
    let limits = BodyLimits {
        bytes: most,
        pause: PATIENCE,
        total: PATIENCE,
    };
    read(body, &limits).await.map_err(|error| match error {
        BodyError::TooLarge => ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("the body has more than {most} bytes; {advice}"),
        ),
        BodyError::TooSlow => ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            "the body took too long; send it again",
        ),
        BodyError::Broken(_) => ApiError::bad_request("the body broke off; send it again"),
    })
}

/// The body as JSON, and as the text that it was.
pub(super) async fn json<T: DeserializeOwned>(body: Body) -> Result<(T, String), ApiError> {
    parse(bytes(body, JSON_BYTES, "send less").await?)
}

/// The same, where a body may be left out.
pub(super) async fn json_if_any<T: DeserializeOwned + Default>(body: Body) -> Result<T, ApiError> {
    let bytes = bytes(body, JSON_BYTES, "send less").await?;
    if bytes.is_empty() {
        return Ok(T::default());
    }
    Ok(parse(bytes)?.0)
}

fn parse<T: DeserializeOwned>(bytes: Bytes) -> Result<(T, String), ApiError> {
    let text = String::from_utf8(bytes.into())
        .map_err(|_| ApiError::bad_request("the body is not UTF-8"))?;
    let value = serde_json::from_str(&text).map_err(|error| {
        ApiError::bad_request(format!("the body is not what this route takes: {error}"))
    })?;
    Ok((value, text))
}

/// Tells null from nothing.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The query string, refused as JSON where it does not fit.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = Query::try_from_uri(&parts.uri)
            .map_err(|error| ApiError::bad_request(error.body_text()))?;
        Ok(Self(query.0))
    }
}

/// What the path names, refused as JSON where it is no text.
pub(super) struct Path(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Path {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match extract::Path::from_request_parts(parts, state).await {
            Ok(extract::Path(text)) => Ok(Self(text)),
            Err(error) => Err(ApiError::not_found(error.body_text())),
        }
    }
}

/// The length of a page.
pub(super) fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(PAGE).clamp(1, LONGEST_PAGE)
}

/// An id in a path. A text that is none names nothing.
pub(super) fn id<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, ApiError> {
    text.parse()
        .map_err(|error| ApiError::not_found(format!("{error}")))
}
