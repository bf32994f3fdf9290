//! What an answer that this gateway composes says of itself.

/// What an answer that this gateway composes says of itself.
pub struct Names {
    /// The call's id without a prefix: each dialect has its own.
    pub id: String,
    /// The model, as the client is to see it.
    pub model: String,
    /// When the call came, in seconds since the Unix epoch.
    pub created: i64,
    /// Whether the client gets to see what the model thought.
    pub thinking: bool,
    /// Whether a stream ends with what it used, where the dialect leaves that
    /// to the client.
    pub usage: bool,
    /// What the native form says beside the answer.
    pub native: NativeFacts,
}

/// What the native form says beside the answer.
#[derive(Default)]
pub struct NativeFacts {
    /// The call's full id.
    pub inference_id: String,
    /// The call's receipt.
    pub receipt_id: String,
    /// The venue that answers.
    pub provider: String,
    /// The decision, a JSON object.
    pub decision: String,
    /// What a whole answer cost, in US dollars.
    pub cost_usd: Option<String>,
}
