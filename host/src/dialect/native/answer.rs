//! A whole answer in the native form.

use serde::Serialize;

use super::wire::{Block, Ending, Input, Opening};
use crate::dialect::common::{Answer, AnswerBlock};
use crate::dialect::json;
use crate::dialect::names::Names;
use crate::dialect::openai::completion::call_id;

#[derive(Serialize)]
struct Inference<'a> {
    id: &'a str,
    object: &'static str,
    #[serde(flatten)]
    opening: Opening<'a>,
    content_blocks: Vec<Block<'a>>,
    #[serde(flatten)]
    ending: Ending<'a>,
}

/// Writes `answer` as an `inference`.
pub fn encode(answer: &Answer, names: &Names) -> Vec<u8> {
    let blocks = answer.blocks.iter().filter(|block| match block {
        AnswerBlock::Thinking { text, .. } => names.thinking && !text.is_empty(),
        _ => true,
    });
    let inference = Inference {
        id: &names.native.inference_id,
        object: "inference",
        opening: Opening::from(names),
        content_blocks: blocks
            .enumerate()
            .map(|(index, of)| block(of, &names.id, index))
            .collect(),
        ending: Ending::new(
            &answer.stop_reason,
            &answer.usage,
            names.native.cost_usd.as_deref(),
        ),
    };
    let mut out = Vec::new();
    json::append(&mut out, &inference);
    out
}

fn block<'a>(block: &'a AnswerBlock, id: &str, index: usize) -> Block<'a> {
    match block {
        AnswerBlock::Thinking { text, .. } => Block::Thinking { thinking: text },
        AnswerBlock::Text(text) => Block::Text { text },
        AnswerBlock::ToolUse(tool) => Block::ToolUse {
            id: call_id(&tool.id, id, index),
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
    use crate::dialect::NativeFacts;
    use crate::dialect::common::{StopReason, Usage};
    use crate::dialect::testing::{answer, names};

    #[test]
    fn an_answer_is_written_as_an_inference() {
        let body = String::from_utf8(encode(&answer(), &names(true, true))).unwrap();
        insta::assert_snapshot!(body, @r#"{"id":"inf_1","object":"inference","created":1790000000,"model":"m","provider":"p","receipt_id":"rcp_1","decision":{"router":"direct"},"content_blocks":[{"type":"thinking","thinking":"hm\n"},{"type":"text","text":"é"},{"type":"tool_use","id":"call.1","name":"f","input":{"a": 1.0}},{"type":"tool_use","id":"call_1_3","name":"f","input":{}}],"finish_reason":"tool_use","usage":{"input_tokens":7,"output_tokens":9,"cache_read_tokens":2,"cache_write_tokens":1},"cost_usd":"0.000009"}"#);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut answer = answer();
        answer.usage = Usage::default();
        answer.stop_reason = StopReason::StopSequence("END".into());
        let names = Names {
            native: NativeFacts::default(),
            ..names(false, true)
        };
        let body = String::from_utf8(encode(&answer, &names)).unwrap();
        insta::assert_snapshot!(body, @r#"{"id":"","object":"inference","created":1790000000,"model":"m","provider":"","content_blocks":[{"type":"text","text":"é"},{"type":"tool_use","id":"call.1","name":"f","input":{"a": 1.0}},{"type":"tool_use","id":"call_1_2","name":"f","input":{}}],"finish_reason":"stop_sequence","stop_sequence":"END","usage":{}}"#);
    }
}
