//! What a message holds: a string, or parts.

use std::fmt::Display;

use serde_json::value::RawValue;

use super::untranslatable;
use crate::dialect::RequestError;
use crate::dialect::common::{Image, ResultPart};
use crate::dialect::fields::{missing, wrong};
use crate::dialect::json::Text;
use crate::dialect::openai::request::wire;
use crate::dialect::place::{Field, need, numbered};

/// The kinds of part that a message may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    Text,
    TextAndImages,
    TextAndRefusals,
}

/// Decodes the content of the message `at`. Empty texts are left out.
pub(super) fn parts(
    content: Option<&RawValue>,
    kinds: Kinds,
    at: &dyn Display,
) -> Result<Vec<ResultPart>, RequestError> {
    let content = content.ok_or_else(|| missing(format!("{at}.content")))?;
    let at = Field(at, "content");
    let odd = |_| wrong(at.to_string(), "a string or an array of parts");
    if content.get().starts_with('"') {
        let Text(text) = serde_json::from_str(content.get()).map_err(odd)?;
        return Ok(text_part(text).into_iter().collect());
    }
    let parts: Vec<wire::Part<'_>> = serde_json::from_str(content.get()).map_err(odd)?;
    let parts = numbered(parts, &at, |part, at| self::part(part, kinds, at))?;
    Ok(parts.into_iter().flatten().collect())
}

/// Decodes a part; none if it is an empty text.
fn part(
    part: wire::Part<'_>,
    kinds: Kinds,
    at: &dyn Display,
) -> Result<Option<ResultPart>, RequestError> {
    let Text(kind) = need(part.kind, at, "type")?;
    match kind.as_ref() {
        "text" => Ok(text_part(need(part.text, at, "text")?.0)),
        "refusal" if kinds == Kinds::TextAndRefusals => {
            Ok(text_part(need(part.refusal, at, "refusal")?.0))
        }
        "image_url" if kinds == Kinds::TextAndImages => {
            let image = need(part.image_url, at, "image_url")?;
            let at = Field(at, "image_url");
            let Text(url) = need(image.url, &at, "url")?;
            Ok(Some(ResultPart::Image(self::image(&url, &at)?)))
        }
        kind => Err(untranslatable(format!("the `{kind}` part at {at}"))),
    }
}

fn text_part(text: impl Into<String>) -> Option<ResultPart> {
    let text = text.into();
    (!text.is_empty()).then_some(ResultPart::Text(text))
}

/// The image that `url` leads to, or holds.
fn image(url: &str, at: &dyn Display) -> Result<Image, RequestError> {
    let is_data = |scheme: &str| scheme.eq_ignore_ascii_case("data");
    let Some((_, data)) = url.split_once(':').filter(|(scheme, _)| is_data(scheme)) else {
        return Ok(Image::Url(url.to_owned()));
    };
    let described = data.split_once(',');
    let base64 = described.and_then(|(kind, data)| Some((kind.strip_suffix(";base64")?, data)));
    let Some((kind, data)) = base64 else {
        let expected = "an address or a data URL in base64";
        return Err(wrong(format!("{at}.url"), expected));
    };
    let media_type = kind.split(';').next().unwrap_or_default();
    Ok(Image::Base64 {
        media_type: media_type.to_owned(),
        data: data.to_owned(),
    })
}
