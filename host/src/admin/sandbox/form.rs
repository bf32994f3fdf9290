//! A form of components and questions (multipart/form-data, RFC 7578).

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::Multipart;
use serde::de::DeserializeOwned;

use crate::admin::body::{self, JSON_BYTES};
use crate::admin::error::ApiError;
use crate::lifecycle::sandbox::Tried;
use crate::store::Digest;

/// The parts of a form that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Form(BTreeMap<String, Bytes>);

impl Form {
    /// Reads it; components of at most `most` bytes in all.
    pub(super) async fn read(
        headers: &HeaderMap,
        body: Body,
        most: usize,
    ) -> Result<Self, ApiError> {
        let kind = headers.get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(kind).map_err(|_| {
            ApiError::bad_request(
                "send a form (`content-type: multipart/form-data`) whose part `component` has the bytes; `curl -F component=@plugin.wasm` does",
            )
        })?;
        let most = most.saturating_add(JSON_BYTES);
        let body = body::bytes(body, most, "send less").await?;
        Self::parse(body, boundary).await
    }

    async fn parse(body: Bytes, boundary: String) -> Result<Self, ApiError> {
        let body = stream::iter([Ok::<_, Infallible>(body)]);
        let mut form = Multipart::new(body, boundary);
        let broken =
            |error: multer::Error| ApiError::bad_request(format!("the body is no form: {error}"));
        let mut parts = BTreeMap::new();
        while let Some(part) = form.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(broken)?;
            if parts.insert(name.clone(), bytes).is_some() {
                let message = format!("the form has {name:?} twice; send it once");
                return Err(ApiError::bad_request(message));
            }
        }
        Ok(Self(parts))
    }

    /// The component of this part: its bytes, or the digest of an uploaded one.
    pub(super) fn component(&mut self, name: &str) -> Result<Tried, ApiError> {
        let part = self.take(name)?;
        // No component is a text.
        let digest = std::str::from_utf8(&part).ok();
        let digest = digest.and_then(|text| text.trim_end().parse::<Digest>().ok());
        Ok(digest.map_or(Tried::Bytes(part), Tried::Uploaded))
    }

    /// The JSON of this part.
    pub(super) fn json<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, ApiError> {
        let part = self.take(name)?;
        serde_json::from_slice(&part).map_err(|error| {
            ApiError::bad_request(format!("`{name}` is not what this route takes: {error}"))
        })
    }

    /// That every part was taken.
    pub(super) fn nothing_else(self) -> Result<(), ApiError> {
        self.0.keys().next().map_or(Ok(()), |name| {
            let message = format!("this route takes no part {name:?}; leave it out");
            Err(ApiError::bad_request(message))
        })
    }

    fn take(&mut self, name: &str) -> Result<Bytes, ApiError> {
        self.0
            .remove(name)
            .ok_or_else(|| ApiError::bad_request(format!("the form has no part `{name}`; add it")))
    }
}
