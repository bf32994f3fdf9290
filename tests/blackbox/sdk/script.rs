//! What a child process tells the fake provider to do, as JSON.

use ainfera_tests::upstream::{Behaviour, Block, End, Usage};
use serde::Deserialize;
use serde_json::Value;

/// The next answers for one model: a model's answer unless `status` or
/// `error_first` is set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// As the client names it.
    pub model: String,
    /// For the next call only.
    #[serde(default)]
    pub once: bool,
    #[serde(default)]
    blocks: Vec<BlockScript>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    usage: Option<UsageScript>,
    #[serde(default)]
    end: EndScript,
    frames: Option<usize>,
    #[serde(default)]
    interleave: bool,
    #[serde(default)]
    pings: bool,
    /// Nothing of it is sent before the model is released.
    #[serde(default)]
    pub held: bool,
    /// An HTTP error with `error`.
    status: Option<u16>,
    error: Option<ErrorScript>,
    /// An error as a stream's first event.
    error_first: Option<ErrorScript>,
    #[serde(default)]
    headers: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum BlockScript {
    Text(String),
    Thinking {
        text: String,
        signature: String,
    },
    Refusal(String),
    Tool {
        id: String,
        name: String,
        input: Value,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UsageScript {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum EndScript {
    #[default]
    Whole,
    Abort,
    Close,
    Error(ErrorScript),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorScript {
    r#type: String,
    message: String,
}

impl Script {
    /// The provider's behaviour.
    pub fn behaviour(self) -> Behaviour {
        let behaviour = match (self.status, self.error, self.error_first) {
            (Some(status), Some(error), None) => {
                Behaviour::status(status, &error.r#type, &error.message)
            }
            (None, None, Some(error)) => Behaviour::error_first(&error.r#type, &error.message),
            (None, None, None) => {
                let blocks = self.blocks.into_iter().map(Block::from).collect();
                Behaviour::blocks(blocks).with(|answer| {
                    if let Some(reason) = self.stop_reason {
                        answer.stop_reason = reason;
                    }
                    if let Some(usage) = self.usage {
                        answer.usage = usage.into();
                    }
                    answer.stop_sequence = self.stop_sequence;
                    answer.end = self.end.into();
                    answer.frames = self.frames;
                    answer.interleave = self.interleave;
                    answer.pings = self.pings;
                })
            }
            _ => panic!("`status` goes with `error`, and `error_first` stands alone"),
        };
        self.headers
            .iter()
            .fold(behaviour, |behaviour, (name, value)| {
                behaviour.header(name, value)
            })
    }
}

impl From<BlockScript> for Block {
    fn from(block: BlockScript) -> Self {
        match block {
            BlockScript::Text(text) => Self::Text(text),
            BlockScript::Thinking { text, signature } => Self::Thinking { text, signature },
            BlockScript::Refusal(text) => Self::Refusal(text),
            BlockScript::Tool { id, name, input } => Self::Tool { id, name, input },
        }
    }
}

impl From<UsageScript> for Usage {
    fn from(usage: UsageScript) -> Self {
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
        }
    }
}

impl From<EndScript> for End {
    fn from(end: EndScript) -> Self {
        match end {
            EndScript::Whole => Self::Whole,
            EndScript::Abort => Self::Abort,
            EndScript::Close => Self::Close,
            EndScript::Error(error) => Self::Error(error.r#type, error.message),
        }
    }
}
