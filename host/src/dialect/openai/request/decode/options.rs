//! What a request says beside its conversation and its tools.

use serde_json::value::RawValue;

use super::untranslatable;
use crate::dialect::RequestError;
use crate::dialect::common::{Effort, Format, Thinking};
use crate::dialect::fields::wrong;
use crate::dialect::json::Text;
use crate::dialect::openai::request::wire;
use crate::dialect::place::{Field, need, object};

/// Refuses what no other dialect has where the answer would not be the same
/// without it, and the dialect's own older forms.
pub(super) fn refuse(request: &wire::Request<'_>) -> Result<(), RequestError> {
    if request.n.is_some_and(|n| n > 1) {
        return Err(untranslatable("`n` above 1"));
    }
    if request.logprobs == Some(true) {
        return Err(untranslatable("`logprobs`"));
    }
    let modalities = request.modalities.iter().flatten();
    if let Some(Text(other)) = modalities.into_iter().find(|mode| mode.0 != "text") {
        return Err(untranslatable(format!("`{other}` as one of `modalities`")));
    }
    if request.web_search_options.is_some() {
        return Err(untranslatable("the provider's own `web_search_options`"));
    }
    if request.functions.is_some() {
        return Err(wrong("functions", "given as `tools`"));
    }
    if request.function_call.is_some() {
        return Err(wrong("function_call", "given as `tool_choice`"));
    }
    Ok(())
}

pub(super) fn stop(stop: &RawValue) -> Result<Vec<String>, RequestError> {
    let texts: Result<Vec<Text<'_>>, _> = if stop.get().starts_with('"') {
        serde_json::from_str(stop.get()).map(|text| vec![text])
    } else {
        serde_json::from_str(stop.get())
    };
    let texts = texts.map_err(|_| wrong("stop", "a string or an array of strings"))?;
    Ok(texts.into_iter().map(|text| text.0.into_owned()).collect())
}

pub(super) fn thinking(effort: &str) -> Result<Thinking, RequestError> {
    Ok(Thinking::On(Some(match effort {
        "none" => return Ok(Thinking::Off),
        "minimal" => Effort::Minimal,
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" | "max" => Effort::Max,
        _ => {
            let expected = "`none`, `minimal`, `low`, `medium`, `high` or `xhigh`";
            return Err(wrong("reasoning_effort", expected));
        }
    })))
}

pub(super) fn format(format: wire::Format<'_>) -> Result<Option<Format>, RequestError> {
    const AT: &str = "response_format";
    let Text(kind) = need(format.kind, &AT, "type")?;
    match kind.as_ref() {
        "text" => Ok(None),
        "json_object" => Ok(Some(Format::Json)),
        "json_schema" => {
            let schema = need(format.json_schema, &AT, "json_schema")?;
            let at = Field(&AT, "json_schema");
            Ok(Some(Format::Schema {
                name: schema.name,
                schema: object(schema.schema, &at, "schema")?,
                strict: schema.strict,
            }))
        }
        other => Err(untranslatable(format!("the `{other}` format (`{AT}`)"))),
    }
}
