//! A provider's blocks as they lie on the wire, whole or as a stream begins
//! them.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::dialect::json::Text;

/// A block, read as far as it is translated.
pub(super) enum Block<'a> {
    Text(TextBlock<'a>),
    Thinking(ThinkingBlock<'a>),
    ToolUse(ToolUseBlock<'a>),
    /// What has no counterpart: redacted thoughts, the provider's own tools,
    /// what is new.
    Other,
}

#[derive(Deserialize)]
pub(super) struct TextBlock<'a> {
    #[serde(borrow)]
    pub(super) text: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct ThinkingBlock<'a> {
    #[serde(borrow)]
    pub(super) thinking: Text<'a>,
    #[serde(borrow)]
    signature: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct ToolUseBlock<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) input: &'a RawValue,
}

impl<'a> Block<'a> {
    /// Reads a block. Nothing is asked of one that is not translated.
    pub(super) fn read(json: &'a RawValue) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Typed<'a> {
            #[serde(borrow)]
            r#type: Text<'a>,
        }
        let json = json.get();
        let Typed { r#type } = serde_json::from_str(json)?;
        Ok(match r#type.0.as_ref() {
            "text" => Self::Text(serde_json::from_str(json)?),
            "thinking" => Self::Thinking(serde_json::from_str(json)?),
            "tool_use" => Self::ToolUse(serde_json::from_str(json)?),
            _ => Self::Other,
        })
    }
}

impl ThinkingBlock<'_> {
    /// What the provider signed it with, empty if it did not.
    pub(super) fn signature(&self) -> String {
        owned(self.signature.as_ref())
    }
}

impl ToolUseBlock<'_> {
    /// The call's id, empty if it has none.
    pub(super) fn id(&self) -> String {
        owned(self.id.as_ref())
    }
}

fn owned(text: Option<&Text<'_>>) -> String {
    text.map_or(String::new(), |text| text.0.to_string())
}
