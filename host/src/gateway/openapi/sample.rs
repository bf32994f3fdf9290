//! An answer to show, written by the encoders that write real ones.

use serde_json::value::RawValue;

use crate::dialect::common::{Answer, AnswerBlock, Event, StopReason, ToolUse, Usage};
use crate::dialect::{Dialect, Names, NativeFacts};

const ID: &str = "03792578ec401000";
const THOUGHTS: &str = "They want the weather: look it up.";
const SIGNATURE: &str = "EqQBCkYIBRgCKkA";
const TEXT: &str = "I'll look that up.";
const TOOL: (&str, &str, &str) = ("toolu_01A09q90", "weather", r#"{"city":"Oslo"}"#);
const USAGE: Usage = Usage {
    input_tokens: Some(31),
    output_tokens: Some(24),
    cache_read: Some(0),
    cache_write: Some(0),
};
const COST: &str = "0.0000196";
const DECISION: &str = r#"{"router":"policy","requested":"ainfera-inference","target":"ainfera-inference","generation":1,"preference":"quality","base_floor":"0.50","dialled":"0.60","floor":"0.60","catalog_version":1,"candidates":[{"offer":"sim-medium@simulated","quality":"0.65","estimate_nanousd":19600}],"choice":"sim-medium@simulated"}"#;

/// It in one piece.
pub fn whole(dialect: Dialect) -> Vec<u8> {
    let (id, name, input) = TOOL;
    let tool = RawValue::from_string(input.to_owned()).map(|input| {
        AnswerBlock::ToolUse(ToolUse {
            id: id.to_owned(),
            name: name.to_owned(),
            input,
        })
    });
    let said = [
        AnswerBlock::Thinking {
            text: THOUGHTS.to_owned(),
            signature: Some(SIGNATURE.to_owned()),
        },
        AnswerBlock::Text(TEXT.to_owned()),
    ];
    let answer = Answer {
        upstream_id: None,
        blocks: said.into_iter().chain(tool).collect(),
        stop_reason: StopReason::ToolUse,
        usage: USAGE,
    };
    dialect.answer(&answer, &names(dialect))
}

/// It as a stream.
pub fn stream(dialect: Dialect) -> String {
    let (id, name, input) = TOOL;
    let events = [
        Event::Start {
            upstream_id: None,
            usage: Usage {
                output_tokens: Some(1),
                ..USAGE
            },
        },
        Event::Thinking(THOUGHTS.to_owned()),
        Event::Signature(SIGNATURE.to_owned()),
        Event::Text(TEXT.to_owned()),
        Event::ToolUse {
            id: id.to_owned(),
            name: name.to_owned(),
        },
        Event::ToolInput(input.to_owned()),
        Event::End {
            stop_reason: StopReason::ToolUse,
            usage: USAGE,
        },
    ];
    let mut encoder = dialect.encoder(names(dialect));
    let mut out = Vec::new();
    for event in &events {
        encoder.event(event, &mut out);
    }
    out.extend_from_slice(&encoder.close(Some(COST)));
    String::from_utf8_lossy(&out).into_owned()
}

fn names(dialect: Dialect) -> Names {
    let model = match dialect {
        Dialect::Native => "sim-medium@simulated",
        Dialect::Anthropic | Dialect::OpenaiChat => "sim-medium",
    };
    Names {
        id: ID.to_owned(),
        model: model.to_owned(),
        created: 1_790_000_000,
        thinking: true,
        usage: true,
        native: NativeFacts {
            inference_id: format!("inf_{ID}"),
            receipt_id: format!("rcp_{ID}"),
            provider: "simulated".to_owned(),
            decision: DECISION.to_owned(),
            cost_usd: Some(COST.to_owned()),
        },
    }
}
