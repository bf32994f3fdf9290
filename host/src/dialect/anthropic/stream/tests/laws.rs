//! Laws of translated streams.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::{block_start, block_stop, delta, frame, stop, translated};
use crate::dialect::anthropic::answer::to_common;
use crate::dialect::testing::laws::{self, circumstances};

/// A block, whole, and as a stream: how it begins and its deltas.
type Block = (Value, Value, Vec<Value>);

fn pieces() -> impl Strategy<Value = Vec<String>> {
    vec("[a\"\\\\é😀\n]{0,3}", 0..4)
}

fn block() -> impl Strategy<Value = Block> {
    let text = pieces().prop_map(|pieces| {
        let deltas = pieces
            .iter()
            .map(|text| json!({"type": "text_delta", "text": text}));
        (
            json!({"type": "text", "text": pieces.concat()}),
            json!({"type": "text", "text": ""}),
            deltas.collect(),
        )
    });
    let thinking = (pieces(), "s?").prop_map(|(pieces, signature)| {
        let deltas = pieces
            .iter()
            .map(|text| json!({"type": "thinking_delta", "thinking": text}));
        let signed = json!({"type": "signature_delta", "signature": signature});
        (
            json!({"type": "thinking", "thinking": pieces.concat(), "signature": signature}),
            json!({"type": "thinking", "thinking": "", "signature": ""}),
            deltas.chain([signed]).collect(),
        )
    });
    let inputs = vec!["{}", "{\"a\": [1.0, \"}\"]}", "{\"é\\\"\":{\"b\":{}}}", ""];
    let tool =
        (select(inputs), "[a-z.]{0,3}", vec(any::<Index>(), 0..4)).prop_map(|(input, id, cuts)| {
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
            at.extend([0, input.len()]);
            at.retain(|at| input.is_char_boundary(*at));
            at.sort_unstable();
            let deltas = at
                .windows(2)
                .map(|at| json!({"type": "input_json_delta", "partial_json": input[at[0]..at[1]]}));
            let begun = json!({"type": "tool_use", "id": id, "name": "f", "input": {}});
            let mut whole = begun.clone();
            whole["input"] = serde_json::from_str(input).unwrap_or(json!({}));
            (whole, begun, deltas.collect())
        });
    let other = select(vec![
        json!({"type": "redacted_thinking", "data": "x"}),
        json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
        json!({"type": "new", "text": []}),
    ]);
    let other = other.prop_map(|block| (block.clone(), block, vec![json!({"type": "new_delta"})]));
    prop_oneof![2 => text, 2 => thinking, 2 => tool, 1 => other]
}

/// A whole answer, and the same as a stream.
fn answer() -> impl Strategy<Value = (String, String)> {
    let asides = vec(
        select(vec![
            "",
            ": c\n\n",
            "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        ]),
        10,
    );
    let stops = select(vec![
        ("end_turn", None),
        ("max_tokens", None),
        ("stop_sequence", Some("END")),
        ("tool_use", None),
        ("pause_turn", None),
        ("refusal", None),
        ("model_context_window_exceeded", None),
    ]);
    let count = || option::of(0..99_u64);
    let usage = (count(), count(), count(), count(), 0..99_u64);
    (vec(block(), 0..5), asides, stops, usage).prop_map(|(blocks, asides, stop_as, usage)| {
        let (reason, sequence) = stop_as;
        let (early_input, late_input, cache_read, cache_write, output) = usage;
        let whole = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude",
            "content": blocks.iter().map(|(whole, ..)| whole).collect::<Vec<_>>(),
            "stop_reason": reason, "stop_sequence": sequence,
            "usage": {
                "input_tokens": late_input.or(early_input), "cache_read_input_tokens": cache_read,
                "cache_creation_input_tokens": cache_write, "output_tokens": output,
            },
        });
        let mut frames = vec![frame(&json!({"type": "message_start", "message": {
            "id": "msg_1", "type": "message", "content": [],
            "usage": {"input_tokens": early_input, "cache_read_input_tokens": cache_read, "output_tokens": 1},
        }}))];
        for (index, (_, begun, deltas)) in (0..).zip(blocks) {
            frames.push(block_start(index, &begun));
            frames.extend(deltas.iter().map(|piece| delta(index, piece)));
            frames.push(block_stop(index));
        }
        frames.push(frame(&json!({
            "type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": sequence},
            "usage": {"input_tokens": late_input, "cache_creation_input_tokens": cache_write, "output_tokens": output},
        })));
        frames.push(stop());
        let asides = asides.into_iter().cycle();
        let stream = frames.iter().zip(asides).map(|(frame, aside)| aside.to_owned() + frame);
        (whole.to_string(), stream.collect())
    })
}

proptest! {
    #[test]
    fn a_stream_assembles_to_the_whole_answer((whole, stream) in answer(), circumstances in circumstances()) {
        let whole = to_common(whole.as_bytes()).unwrap();
        laws::a_stream_assembles_to_the_whole(translated, &whole, &stream, &circumstances)?;
    }

    #[test]
    fn every_prefix_dies_cleanly((_, stream) in answer(), circumstances in circumstances(), end in any::<Index>()) {
        let prefix = &stream.as_bytes()[..end.index(stream.len())];
        laws::a_death_is_told(translated, prefix, &circumstances)?;
    }

    #[test]
    fn anything_is_survived(
        parts in vec(prop_oneof![
            answer().prop_map(|(_, stream)| stream.into_bytes()),
            answer().prop_map(|(_, stream)| stream.replace(&stop(), "").into_bytes()),
            vec(any::<u8>(), 0..9),
            select(vec!["data: {}\n\n", "data: null\n\n", "event: error\n", "event: message_delta\n", "data: ", "\n\n"])
                .prop_map(|part| part.as_bytes().to_vec()),
        ], 0..6),
        circumstances in circumstances(),
    ) {
        laws::anything_is_survived(translated, &parts.concat(), &circumstances)?;
    }
}
