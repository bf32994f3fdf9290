//! The rows of the hot tables, the same for each database. Every column stands
//! beside its type and its value, so they can't come apart.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::audit::{Head, Prepared};
use super::closed::Closed;
use super::opened::Opened;
use crate::store::Key;
use crate::store::audit::row_id;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Flag,
    Text,
    Bytes,
}

/// What a row has in a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'v> {
    Int(Option<i64>),
    Flag(bool),
    Text(Text<'v>),
    Bytes(Option<&'v [u8]>),
}

/// Text as every database can hold it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text<'v>(pub(super) Option<Cow<'v, str>>);

/// A table that is written on the hot path.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
}

macro_rules! table {
    (
        $(#[$doc:meta])* $table:ident $name:literal,
        $row:ident<$v:lifetime>($($arg:ident: $type:ty),*):
        $($column:ident: $kind:ident = $value:expr,)*
    ) => {
        $(#[$doc])*
        pub(super) const $table: Table = Table {
            name: $name,
            columns: &[$((stringify!($column), Kind::$kind),)*],
        };

        /// Gives the value of each column, in their order.
        pub(super) fn $row<$v, E>(
            $($arg: $type,)*
            mut put: impl FnMut(Value<$v>) -> Result<(), E>,
        ) -> Result<(), E> {
            $(put(Value::$kind($value.into()))?;)*
            Ok(())
        }
    };
}

table! {
    /// A call, when it was admitted.
    OPENED "call_opened", opened<'v>(opened: &'v Opened):
    key: Int = opened.key.0,
    at_us: Int = opened.at_us,
    tenant: Int = opened.tenant.0.0,
    agent: Int = opened.agent.0.0,
    router: Text = opened.router.as_str(),
    route: Text = opened.route,
    stream: Flag = opened.stream,
    requested: Text = opened.requested.as_str(),
    canonical: Text = opened.canonical.as_deref(),
    alias: Flag = opened.alias,
    resolver_date: Text = opened.resolver_date.map(|date| date.to_string()),
    preference: Text = opened.preference.as_deref(),
    min_quality: Text = opened.min_quality,
    base_floor: Text = opened.base_floor,
    dialled: Text = opened.dialled,
    floor: Text = opened.floor,
    max_cost: Text = opened.max_cost,
    allow_providers: Text = opened.allow_providers.as_deref().map(list),
    deny_providers: Text = opened.deny_providers.as_deref().map(list),
    task_type: Text = opened.task_type.as_deref(),
    gates: Text = opened.gates.as_deref(),
    generation: Int = opened.generation,
    decided_by: Int = opened.decided_by,
    faulted_generation: Int = opened.faulted_generation,
    catalog_version: Int = opened.catalog_version,
    eligibility_mask: Text = opened.eligibility_mask.as_deref(),
    ruleset_hash: Bytes = opened.ruleset_hash.as_ref().map(|hash| hash.0.as_slice()),
    text_bytes: Int = count(opened.text_bytes),
    images: Int = i64::from(opened.images),
    tools: Flag = opened.tools,
    thinking: Flag = opened.thinking,
    max_tokens: Int = opened.max_tokens.map(count),
    candidates: Text = opened.candidates.as_deref(),
    choice: Text = opened.choice.as_deref(),
    dispatched: Flag = opened.dispatched,
    client_session: Text = opened.client_session.as_deref(),
    client_agent: Text = opened.client_agent.as_deref(),
    client_parent: Text = opened.client_parent.as_deref(),
    hold_nanousd: Int = opened.held_nanousd(),
    call_cap_nanousd: Int = opened.call_cap_nanousd,
    day_cap_nanousd: Int = opened.hold.and_then(|hold| hold.day_cap),
}

table! {
    /// How it ended.
    CLOSED "call_closed", closed<'v>(key: Key, closed: &'v Closed):
    key: Int = key.0,
    at_us: Int = closed.at_us,
    status: Text = closed.outcome.status.as_str(),
    reason: Text = closed.outcome.reason.as_deref(),
    nearest_miss: Text = closed.outcome.nearest_miss.as_deref(),
    offer: Text = closed.progress.offer.as_deref(),
    attempts: Text = attempts(closed),
    input_tokens: Int = closed.progress.usage.input_tokens.map(count),
    output_tokens: Int = closed.progress.usage.output_tokens.map(count),
    cache_read_tokens: Int = closed.progress.usage.cache_read_tokens.map(count),
    cache_write_tokens: Int = closed.progress.usage.cache_write_tokens.map(count),
    usage_source: Text = closed.progress.usage_source.map(|source| source.as_str()),
    cost_nanousd: Int = closed.progress.cost_nanousd,
    latency_us: Int = closed.latency_us,
    first_token_us: Int = closed.progress.first_token_us,
    stop_reason: Text = closed.progress.stop_reason.as_deref(),
    http_status: Int = closed.progress.http_status.map(i64::from),
    upstream_request_id: Text = closed.progress.upstream_request_id.as_deref(),
    charged_nanousd: Int = closed.charged_nanousd,
}

table! {
    /// An audit event, and the head that it makes.
    EVENT "audit_log", event<'v>(chain: i64, head: &'v Head, event: &'v Prepared):
    id: Int = row_id(chain, head.seq),
    body: Text = event.body.as_str(),
    link: Bytes = head.link.0.as_slice(),
}

impl<'v> From<Option<Cow<'v, str>>> for Text<'v> {
    /// PostgreSQL has no text with a NUL in it. It is replaced wherever records
    /// are kept, so that they are the same everywhere; the audit, which is JSON,
    /// has it escaped.
    fn from(text: Option<Cow<'v, str>>) -> Self {
        Self(text.map(|text| {
            if text.contains('\0') {
                text.replace('\0', "\u{fffd}").into()
            } else {
                text
            }
        }))
    }
}

impl<'v> From<&'v str> for Text<'v> {
    fn from(text: &'v str) -> Self {
        Some(Cow::Borrowed(text)).into()
    }
}

impl<'v> From<Option<&'v str>> for Text<'v> {
    fn from(text: Option<&'v str>) -> Self {
        text.map(Cow::Borrowed).into()
    }
}

impl From<Option<String>> for Text<'_> {
    fn from(text: Option<String>) -> Self {
        text.map(Cow::Owned).into()
    }
}

impl From<Option<Decimal>> for Text<'_> {
    /// Its scale kept.
    fn from(decimal: Option<Decimal>) -> Self {
        decimal.map(|decimal| decimal.to_string()).into()
    }
}

/// A count as a database can hold it; none in practice comes near the limit.
fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn list(names: &[String]) -> String {
    serde_json::Value::from(names.to_vec()).to_string()
}

fn attempts(closed: &Closed) -> Option<String> {
    let attempts = &closed.progress.attempts;
    // Strings and numbers can always be written.
    let text = || serde_json::to_string(attempts).ok();
    (!attempts.is_empty()).then(text).flatten()
}
