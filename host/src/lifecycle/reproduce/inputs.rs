//! What a record says that its decision was made from.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::catalog::NanoUsd;
use crate::dialect::Shape;
use crate::policy::{Floor, Gates};
use crate::routing::Mask;
use crate::store::calls::Decision;

/// The inputs of a decision.
pub(super) struct Inputs {
    pub(super) date: Date,
    pub(super) explicit: Option<Floor>,
    /// None where the call was refused before it mattered.
    pub(super) base: Option<Floor>,
    pub(super) gates: Gates,
    pub(super) mask: Mask,
    pub(super) shape: Shape,
    pub(super) max_cost: Option<NanoUsd>,
    pub(super) allow: Option<Vec<String>>,
    pub(super) deny: Option<Vec<String>>,
}

/// A recorded value that is none.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) field: &'static str,
    pub(super) recorded: Option<String>,
    pub(super) why: String,
}

impl Inputs {
    pub(super) fn read(decision: &Decision) -> Result<Self, Unreadable> {
        let list =
            |field, json: Option<&str>| optional(field, json, |json| serde_json::from_str(json));
        Ok(Self {
            date: required(
                "resolver_date",
                decision.resolver_date.as_deref(),
                str::parse,
            )?,
            explicit: optional("min_quality", decision.min_quality.as_deref(), str::parse)?,
            base: optional("base_floor", decision.base_floor.as_deref(), str::parse)?,
            gates: required("gates", decision.gates.as_deref(), |json| {
                serde_json::from_str(json)
            })?,
            mask: required(
                "eligibility_mask",
                decision.eligibility_mask.as_deref(),
                str::parse,
            )?,
            shape: Shape {
                text_bytes: count("text_bytes", decision.text_bytes)?,
                images: count("images", decision.images)?,
                tools: decision.tools,
                thinking: decision.thinking,
                max_tokens: decision
                    .max_tokens
                    .map(|tokens| count("max_tokens", tokens))
                    .transpose()?,
            },
            max_cost: optional(
                "max_cost",
                decision.max_cost.as_deref(),
                Decimal::from_str_exact,
            )?
            .map(NanoUsd::cap),
            allow: list("allow_providers", decision.allow_providers.as_deref())?,
            deny: list("deny_providers", decision.deny_providers.as_deref())?,
        })
    }
}

fn optional<T, E: std::fmt::Display>(
    field: &'static str,
    recorded: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Unreadable> {
    let unreadable = |error: E| Unreadable {
        field,
        recorded: recorded.map(str::to_owned),
        why: error.to_string(),
    };
    recorded.map(read).transpose().map_err(unreadable)
}

fn required<T, E: std::fmt::Display>(
    field: &'static str,
    recorded: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Unreadable> {
    optional(field, recorded, read)?.ok_or_else(|| Unreadable {
        field,
        recorded: None,
        why: "every routed call has one".to_owned(),
    })
}

fn count<T: TryFrom<i64>>(field: &'static str, recorded: i64) -> Result<T, Unreadable> {
    T::try_from(recorded).map_err(|_| Unreadable {
        field,
        recorded: Some(recorded.to_string()),
        why: "out of range".to_owned(),
    })
}
