//! Who calls.

use std::fmt;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;

use crate::admin::error::ApiError;
use crate::store::AdminTokenId;
use crate::store::tokens::{AdminToken, Role};

/// Who calls: the holder of a token. Every handler can take it as an argument.
/// Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::admin) struct Caller {
    /// The name of the token.
    pub name: Arc<str>,
    /// What it opens.
    pub role: Role,
    /// The token; none is the one of the first start.
    pub token: Option<AdminTokenId>,
}

impl Caller {
    /// The holder of the first start's token.
    #[must_use]
    pub fn bootstrap() -> Self {
        Self {
            name: "admin".into(),
            role: Role::Founder,
            token: None,
        }
    }
}

/// Who acts, as the audit has it: `author:ci`, or `admin` for the first
/// start's token.
impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.token {
            Some(_) => write!(f, "{}:{}", self.role, self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl From<AdminToken> for Caller {
    fn from(token: AdminToken) -> Self {
        Self {
            name: token.name.into(),
            role: token.role,
            token: Some(token.id),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        // Every route is behind the token.
        caller.ok_or_else(|| {
            ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "nobody knows who calls; report it",
            )
        })
    }
}
