//! The kinds of error that every dialect can tell its clients of.

/// What went wrong, in the words that the dialects share; each has its own
/// names for them on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is malformed or can't be served as it stands.
    InvalidRequest,
    /// The key is missing or wrong.
    Authentication,
    /// The account can't pay.
    Billing,
    /// The key may not do this.
    Permission,
    /// There is no such thing.
    NotFound,
    /// The body is too large.
    RequestTooLarge,
    /// Too many requests.
    RateLimit,
    /// The service failed.
    Api,
    /// The service took too long.
    Timeout,
    /// The service has no capacity for now.
    Overloaded,
}

impl ErrorKind {
    /// Every kind.
    pub(super) const ALL: [Self; 10] = [
        Self::InvalidRequest,
        Self::Authentication,
        Self::Billing,
        Self::Permission,
        Self::NotFound,
        Self::RequestTooLarge,
        Self::RateLimit,
        Self::Api,
        Self::Timeout,
        Self::Overloaded,
    ];

    /// The HTTP status that stands for it.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Authentication => 401,
            Self::Billing => 402,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::RequestTooLarge => 413,
            Self::RateLimit => 429,
            Self::Api => 500,
            Self::Timeout => 504,
            Self::Overloaded => 529,
        }
    }

    /// The kind that stands for an HTTP error status.
    #[must_use]
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            402 => Self::Billing,
            403 => Self::Permission,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout,
            413 => Self::RequestTooLarge,
            429 => Self::RateLimit,
            529 => Self::Overloaded,
            400..=499 => Self::InvalidRequest,
            _ => Self::Api,
        }
    }
}
