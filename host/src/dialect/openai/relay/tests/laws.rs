//! Laws of translated streams.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::{DONE, call, delta, finish, frame, more, translated};
use crate::dialect::openai::answer::to_common;
use crate::dialect::testing::laws::{self, circumstances};

/// A whole answer, and the same as a stream.
fn answer() -> impl Strategy<Value = (String, String)> {
    let text = prop::collection::vec("[a\"\\\\é😀\n]{0,3}", 0..4);
    let value = prop::sample::select(vec![
        "{}",
        " {\"a\": [1.0, \"}\"]}",
        "{\"é\\\"\":{\"b\":{}}} ",
        "",
    ]);
    let tool = (
        value,
        "[a-z:.]{0,3}",
        prop::collection::vec(any::<Index>(), 0..4),
    );
    let tools = prop::collection::vec(tool, 0..4);
    let picks = prop::collection::vec(any::<Index>(), 20);
    let finish_as = prop::sample::select(vec!["stop", "length", "tool_calls", "content_filter"]);
    let usage = prop::option::of((0..99_u64, 0..99_u64, prop::option::of(0..9_u64)));
    (text, tools, picks, finish_as, usage).prop_map(|(text, tools, picks, reason, usage)| {
        let calls: Vec<Value> = tools.iter().map(|(arguments, id, _)| {
            json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
        }).collect();
        let usage = usage.map(|(prompt, completion, cached)| {
            json!({
                "prompt_tokens": prompt, "completion_tokens": completion,
                "prompt_tokens_details": cached.map(|cached| json!({"cached_tokens": cached})),
            })
        });
        let whole = json!({"id": "c1", "usage": usage, "choices": [{
            "index": 0, "finish_reason": reason,
            "message": {"role": "assistant", "content": text.concat(), "tool_calls": calls},
        }]});

        let mut stream: String = text
            .iter()
            .map(|text| delta(json!({"content": text})))
            .collect();
        // The pieces of each call, to be taken in any order that begins the
        // calls one after the other.
        let mut pieces: Vec<Vec<String>> = tools
            .iter()
            .enumerate()
            .map(|(index, (arguments, id, cuts))| {
                let index = index as u64;
                let mut at: Vec<usize> = cuts
                    .iter()
                    .map(|cut| cut.index(arguments.len() + 1))
                    .collect();
                at.extend([0, arguments.len()]);
                at.retain(|at| arguments.is_char_boundary(*at));
                at.sort_unstable();
                let mut pieces = vec![call(index, id, "f", "")];
                pieces.extend(
                    at.windows(2)
                        .map(|at| more(index, &arguments[at[0]..at[1]])),
                );
                pieces.reverse();
                pieces
            })
            .collect();
        let mut begun = 0;
        for pick in picks.iter().cycle() {
            let open: Vec<usize> = (0..pieces.len().min(begun + 1))
                .filter(|i| !pieces[*i].is_empty())
                .collect();
            if open.is_empty() {
                break;
            }
            let chosen = open[pick.index(open.len())];
            begun = begun.max(chosen + 1);
            stream += &pieces[chosen].pop().unwrap();
        }
        stream += &finish(reason);
        if let Some(usage) = usage {
            stream += &frame(&json!({"choices": [], "usage": usage}));
        }
        (whole.to_string(), stream + DONE)
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
        // Before the reason for the end, which with usage is as good as one.
        let whole = stream.find("\"finish_reason\":\"").unwrap();
        let prefix = &stream.as_bytes()[..end.index(whole)];
        laws::a_death_is_told(translated, prefix, &circumstances)?;
    }

    #[test]
    fn anything_is_survived(
        parts in prop::collection::vec(prop_oneof![
            answer().prop_map(|(_, stream)| stream.into_bytes()),
            prop::collection::vec(any::<u8>(), 0..9),
            prop::sample::select(vec!["data: {}\n\n", "data: []\n\n", "data: null\n\n", "data: ", "\n\n", DONE]).prop_map(|part| part.as_bytes().to_vec()),
        ], 0..6),
        circumstances in circumstances(),
    ) {
        laws::anything_is_survived(translated, &parts.concat(), &circumstances)?;
    }
}
