//! The header of an idempotent call, as it is documented.

use utoipa::IntoParams;

/// Makes a retry safe.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by its derive alone")]
pub struct IdempotencyHeader {
    /// A key of the request's own, 1 to 255 visible ASCII characters. The first
    /// call with it that succeeds is the only one: the same key with the same
    /// body gets its answer again, for a day by default. Keys are each agent's
    /// and each route's own.
    #[param(
        rename = "idempotency-key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        example = "8e03978e-40d5-43e8-bc93-6894a57f9324"
    )]
    key: Option<String>,
}
