//! Writing a whole Messages answer.

use crate::dialect::anthropic::message_id;
use crate::dialect::anthropic::tool_id::tool_id;
use crate::dialect::anthropic::usage::Usage;
use crate::dialect::anthropic::wire::{Block, Input, Message, Stop};
use crate::dialect::common::{Answer, AnswerBlock};
use crate::dialect::json;
use crate::dialect::names::Names;

/// Writes `answer` as a `message`.
pub fn encode(answer: &Answer, names: &Names) -> Vec<u8> {
    let message_id = message_id(&names.id);
    let mut message = Message::new(&message_id, &names.model, Usage::complete(&answer.usage));
    let shown =
        |block: &&AnswerBlock| names.thinking || !matches!(block, AnswerBlock::Thinking { .. });
    let blocks = answer.blocks.iter().filter(shown).enumerate();
    message.content = blocks
        .map(|(index, of)| block(of, &message_id, index))
        .collect();
    message.stop = Stop::from(&answer.stop_reason);
    let mut out = Vec::new();
    json::append(&mut out, &message);
    out
}

fn block<'a>(block: &'a AnswerBlock, message_id: &str, index: usize) -> Block<'a> {
    match block {
        AnswerBlock::Thinking { text, signature } => Block::Thinking {
            thinking: text,
            signature: signature.as_deref().unwrap_or_default(),
        },
        AnswerBlock::Text(text) => Block::Text { text },
        AnswerBlock::ToolUse(tool) => Block::ToolUse {
            id: tool_id(&tool.id, message_id, index),
            name: &tool.name,
            input: Input::Raw(&tool.input),
        },
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use crate::dialect::testing::{answer, names};

    #[test]
    fn an_answer_is_written_as_a_message() {
        let body = String::from_utf8(encode(&answer(), &names(true, true))).unwrap();
        insta::assert_snapshot!(body, @r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm\n","signature":"s"},{"type":"text","text":"é"},{"type":"tool_use","id":"call_1","name":"f","input":{"a": 1.0}},{"type":"tool_use","id":"toolu_msg_1_3","name":"f","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":1,"cache_read_input_tokens":2,"output_tokens":9}}"#);
    }

    #[test]
    fn thoughts_are_shown_only_to_who_asked() {
        let body = String::from_utf8(encode(&answer(), &names(false, true))).unwrap();
        assert!(!body.contains("thinking"), "{body}");
    }
}
