//! `HEAD /api/hello`: whether anybody is there. Claude Code asks before its
//! first call.

/// The process answers, whoever asks.
#[utoipa::path(
    get,
    path = "/api/hello",
    tag = "Service",
    operation_id = "hello",
    summary = "Answers, whoever asks.",
    security(()),
    responses((status = 200, description = "`hello`", body = String))
)]
pub async fn hello() -> &'static str {
    "hello\n"
}

/// The same without a body.
#[utoipa::path(
    head,
    path = "/api/hello",
    tag = "Service",
    operation_id = "headHello",
    summary = "Answers, whoever asks.",
    security(()),
    responses((status = 200, description = "It is there."))
)]
pub async fn head_hello() {}
