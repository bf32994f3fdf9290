//! Asking the model to think, as each host wants to be asked.

use serde::Serialize;

use crate::dialect::common::Thinking;
use crate::dialect::openai::{Quirks, ReasoningEffort, ThinkingField};

/// The member of a request that asks for thinking.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Asked {
    Effort {
        reasoning_effort: ReasoningEffort,
    },
    Switch {
        enable_thinking: bool,
    },
    /// <https://ai.google.dev/gemini-api/docs/openai#thinking>
    Google {
        extra_body: ExtraBody,
    },
}

#[derive(Serialize)]
pub(super) struct ExtraBody {
    google: Google,
}

#[derive(Serialize)]
struct Google {
    thinking_config: ThinkingConfig,
}

#[derive(Serialize)]
struct ThinkingConfig {
    thinking_level: ReasoningEffort,
    include_thoughts: bool,
}

/// What to ask of a host; nothing where the caller left it open, or the host
/// can't be told.
pub(super) fn ask(thinking: Option<Thinking>, quirks: &Quirks) -> Option<Asked> {
    let thinking = thinking?;
    let on = thinking != Thinking::Off;
    Some(match quirks.thinking_field {
        ThinkingField::ReasoningEffort => Asked::Effort {
            reasoning_effort: quirks.effort(thinking)?,
        },
        ThinkingField::EnableThinking => Asked::Switch {
            enable_thinking: on,
        },
        ThinkingField::ThinkingConfig => {
            let thinking_config = ThinkingConfig {
                thinking_level: quirks.effort(thinking)?,
                include_thoughts: on,
            };
            let google = Google { thinking_config };
            Asked::Google {
                extra_body: ExtraBody { google },
            }
        }
    })
}
