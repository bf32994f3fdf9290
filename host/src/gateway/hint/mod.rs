//! `routing_hint`: what a caller asks of the routing.

mod schema;

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::error::ApiError;
use crate::catalog::NanoUsd;
use crate::policy::Floor;

/// The longest text in a hint, in bytes, and the most entries of a list.
const LONGEST: usize = 256;

/// A caller's hint, checked.
#[derive(Debug, Default, PartialEq)]
pub struct Hint {
    /// `quality`, `cost`, or anything else, which then moves nothing.
    pub preference: Option<String>,
    /// The explicit floor, exactly as given.
    pub min_quality: Option<Floor>,
    /// The most that the call may be estimated to cost, in dollars as given.
    pub max_cost: Option<Decimal>,
    /// The only providers to use.
    pub allow: Option<Vec<String>>,
    /// Providers not to use.
    pub deny: Option<Vec<String>>,
    /// What the call is for; recorded only.
    pub task_type: Option<String>,
}

/// What the caller asks of the routing. Nulls count as missing. Where a model
/// is named, `max_cost` and the lists hold and the rest is ignored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingHint<'a> {
    /// `quality` moves the floor up and `cost` down, where the operator lets it;
    /// anything else moves nothing.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>, examples("quality", "cost", "balanced"))]
    routing_preference: Option<&'a RawValue>,
    #[serde(borrow, default)]
    #[schema(schema_with = schema::quality)]
    min_quality: Option<&'a RawValue>,
    #[serde(borrow, default)]
    #[schema(schema_with = schema::cost)]
    max_cost: Option<&'a RawValue>,
    /// The only providers to use.
    #[serde(borrow, default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 256)]
    allow_providers: Option<&'a RawValue>,
    /// Providers not to use.
    #[serde(borrow, default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 256)]
    deny_providers: Option<&'a RawValue>,
    /// What the call is for; recorded only.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>, max_length = 256)]
    task_type: Option<&'a RawValue>,
}

impl Hint {
    /// Reads `raw`. A field that is null counts as missing.
    ///
    /// # Errors
    /// 400 naming the key that is unknown, or not of its type.
    pub fn read(raw: Option<&RawValue>) -> Result<Self, ApiError> {
        let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
            return Ok(Self::default());
        };
        if !raw.get().starts_with('{') {
            return Err(wrong("routing_hint", "an object"));
        }
        let fields: RoutingHint<'_> = serde_json::from_str(raw.get())
            .map_err(|error| ApiError::invalid(format!("`routing_hint`: {}", bare(&error))))?;
        let min_quality = match fields.min_quality {
            None => None,
            Some(raw) => Some(quality(raw)?),
        };
        let max_cost = match fields.max_cost {
            None => None,
            Some(raw) => Some(cost(raw)?),
        };
        Ok(Self {
            preference: text(fields.routing_preference, "routing_preference", usize::MAX)?,
            min_quality,
            max_cost,
            allow: list(fields.allow_providers, "allow_providers")?,
            deny: list(fields.deny_providers, "deny_providers")?,
            task_type: text(fields.task_type, "task_type", LONGEST)?,
        })
    }

    /// The cap in nano-dollars.
    #[must_use]
    pub fn cap(&self) -> Option<NanoUsd> {
        self.max_cost.map(NanoUsd::cap)
    }
}

/// A floor: a tier's name, a decimal text, or a number, read from its text and
/// never through a float.
fn quality(raw: &RawValue) -> Result<Floor, ApiError> {
    let expected = "a decimal in [0, 1], as a string or a number, or `good` or `frontier`";
    let text = scalar(raw).ok_or_else(|| wrong("min_quality", expected))?;
    match text.as_ref() {
        "good" => Ok(Floor::DEFAULT),
        "frontier" => {
            Floor::new(Decimal::new(85, 2)).map_err(|error| ApiError::invalid(error.to_string()))
        }
        text => decimal(text)
            .and_then(|value| Floor::new(value).ok())
            .ok_or_else(|| wrong("min_quality", expected)),
    }
}

fn cost(raw: &RawValue) -> Result<Decimal, ApiError> {
    scalar(raw)
        .and_then(|text| decimal(&text))
        .filter(|usd| *usd >= Decimal::ZERO)
        .ok_or_else(|| {
            wrong(
                "max_cost",
                "an amount in US dollars, 0 or more, as a string or a number",
            )
        })
}

/// A JSON string's text, or a JSON number as it is written.
fn scalar(raw: &RawValue) -> Option<Cow<'_, str>> {
    let json = raw.get();
    if json.starts_with('"') {
        return serde_json::from_str::<String>(json).ok().map(Cow::Owned);
    }
    json.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        .then_some(Cow::Borrowed(json))
}

fn decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    Decimal::from_str_exact(text).ok()
}

fn text(
    raw: Option<&RawValue>,
    key: &'static str,
    longest: usize,
) -> Result<Option<String>, ApiError> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(None);
    };
    let text: String = serde_json::from_str(raw.get()).map_err(|_| wrong(key, "a string"))?;
    if text.len() > longest {
        return Err(wrong(key, "a string of at most 256 bytes"));
    }
    Ok(Some(text))
}

fn list(raw: Option<&RawValue>, key: &'static str) -> Result<Option<Vec<String>>, ApiError> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else {
        return Ok(None);
    };
    let list: Vec<String> =
        serde_json::from_str(raw.get()).map_err(|_| wrong(key, "a list of provider names"))?;
    if list.len() > LONGEST || list.iter().any(|name| name.len() > LONGEST) {
        return Err(wrong(key, "a list of at most 256 provider names"));
    }
    Ok(Some(list))
}

fn wrong(key: &'static str, expected: &str) -> ApiError {
    let path = if key == "routing_hint" {
        key.to_owned()
    } else {
        format!("routing_hint.{key}")
    };
    ApiError::invalid(format!("`{path}` must be {expected}"))
}

/// serde's words without its position, which counts from within the hint.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Hint, String> {
        let raw: Box<RawValue> = serde_json::from_str(json).unwrap();
        Hint::read(Some(&raw)).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn an_explicit_floor_is_taken_exactly_as_given() {
        for (json, floor) in [
            (r#""0.60""#, "0.60"),
            ("0.60", "0.60"),
            ("0.6", "0.6"),
            ("1", "1"),
            ("6e-1", "0.6"),
            (r#""good""#, "0.50"),
            (r#""frontier""#, "0.85"),
            ("0.123456789012345678", "0.123456789012345678"),
        ] {
            let hint = read(&format!(r#"{{"min_quality":{json}}}"#)).unwrap();
            assert_eq!(hint.min_quality.unwrap().to_string(), floor);
        }
    }

    #[test]
    fn null_is_missing() {
        let all = r#"{"routing_preference":null,"min_quality":null,"max_cost":null,"allow_providers":null,"deny_providers":null,"task_type":null}"#;
        assert_eq!(read(all).unwrap(), Hint::default());
        assert_eq!(read("null").unwrap(), Hint::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (json, says) in [
            ("[]", "`routing_hint` must be an object"),
            (r#"{"min_qualty":1}"#, "unknown field `min_qualty`"),
            (
                r#"{"min_quality":0.5,"min_quality":0.6}"#,
                "duplicate field `min_quality`",
            ),
            (
                r#"{"min_quality":1.5}"#,
                "`routing_hint.min_quality` must be a decimal in [0, 1]",
            ),
            (r#"{"min_quality":true}"#, "routing_hint.min_quality"),
            (r#"{"min_quality":"best"}"#, "routing_hint.min_quality"),
            (
                r#"{"min_quality":"0.1234567890123456789"}"#,
                "routing_hint.min_quality",
            ),
            (r#"{"max_cost":-1}"#, "routing_hint.max_cost"),
            (r#"{"max_cost":{}}"#, "routing_hint.max_cost"),
            (
                r#"{"routing_preference":1}"#,
                "`routing_hint.routing_preference` must be a string",
            ),
            (
                r#"{"allow_providers":"anthropic"}"#,
                "routing_hint.allow_providers",
            ),
            (r#"{"deny_providers":[1]}"#, "routing_hint.deny_providers"),
            (r#"{"task_type":[]}"#, "routing_hint.task_type"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(says), "{error}\nshould say: {says}");
        }
    }
}
