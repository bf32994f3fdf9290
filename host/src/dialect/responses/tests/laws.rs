//! Laws of translated streams.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::dialect::testing::laws::{
    Circumstances, a_death_is_told, a_stream_assembles_to_the_whole, anything_is_survived,
    circumstances,
};

/// Pieces of a text, of which some may be empty.
fn pieces() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a\"\\\\é😀\n]{0,3}", 0..4)
}

/// An item as it is in the output, and its events from `added` to `done`,
/// without their index.
fn item() -> impl Strategy<Value = (Value, Vec<Value>)> {
    prop_oneof![said(), thought(), called(), other()]
}

fn said() -> impl Strategy<Value = (Value, Vec<Value>)> {
    (pieces(), any::<bool>()).prop_map(|(pieces, refusal)| {
        let (kind, member) = match refusal {
            true => ("refusal", "refusal"),
            false => ("output_text", "text"),
        };
        let part = json!({"type": kind, member: pieces.concat()});
        let item = json!({"type": "message", "content": [part]});
        let deltas = pieces
            .iter()
            .map(|delta| json!({"type": format!("response.{kind}.delta"), "delta": delta}));
        let begun = json!({"type": "message", "content": []});
        let events = framed(begun, deltas, &item);
        (item, events)
    })
}

fn thought() -> impl Strategy<Value = (Value, Vec<Value>)> {
    prop::collection::vec(prop::collection::vec("[a\né]{1,3}", 1..3), 0..3).prop_map(|parts| {
        let texts: Vec<String> = parts.iter().map(|pieces| pieces.concat()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let item = reasoning(&texts);
        let deltas = parts.iter().enumerate().flat_map(|(part, pieces)| {
            pieces.iter().map(move |delta| {
                json!({"type": "response.reasoning_summary_text.delta", "summary_index": part, "delta": delta})
            })
        });
        let events = framed(reasoning(&[]), deltas, &item);
        (item, events)
    })
}

fn called() -> impl Strategy<Value = (Value, Vec<Value>)> {
    let arguments = prop::sample::select(vec![
        "{}",
        " {\"a\": [1.0, \"}\"]}",
        "{\"é\\\"\":{\"b\":{}}} ",
        "",
    ]);
    let cuts = prop::collection::vec(any::<Index>(), 0..4);
    ("[a-z:.]{0,3}", arguments, cuts).prop_map(|(id, arguments, cuts)| {
        let at = cuts.iter().map(|cut| cut.index(arguments.len() + 1));
        let mut at: Vec<usize> = at.chain([0, arguments.len()]).collect();
        at.retain(|at| arguments.is_char_boundary(*at));
        at.sort_unstable();
        let deltas = at.windows(2).map(|at| {
            let delta = &arguments[at[0]..at[1]];
            json!({"type": "response.function_call_arguments.delta", "delta": delta})
        });
        let item = call(&id, "f", arguments);
        let events = framed(call(&id, "f", ""), deltas, &item);
        (item, events)
    })
}

fn other() -> impl Strategy<Value = (Value, Vec<Value>)> {
    let item = json!({"type": "web_search_call", "status": "completed"});
    let events = framed(item.clone(), std::iter::empty(), &item);
    Just((item, events))
}

fn framed(begun: Value, deltas: impl Iterator<Item = Value>, item: &Value) -> Vec<Value> {
    let added = json!({"type": "response.output_item.added", "item": begun});
    let done = json!({"type": "response.output_item.done", "item": item});
    std::iter::once(added).chain(deltas).chain([done]).collect()
}

/// A whole answer, and the same as a stream up to its closing event, and that.
fn answer() -> impl Strategy<Value = (String, String, String)> {
    let items = prop::collection::vec(item(), 0..5);
    let picks = prop::collection::vec(any::<Index>(), 20);
    let ending = prop::sample::select(vec![
        ("completed", Value::Null),
        ("incomplete", json!({"reason": "max_output_tokens"})),
        ("incomplete", json!({"reason": "content_filter"})),
    ]);
    let usage = prop::option::of((0..99_u64, 0..99_u64, prop::option::of(0..9_u64)));
    (items, picks, ending, usage).prop_map(|(items, picks, (status, details), usage)| {
        let (output, mut events): (Vec<Value>, Vec<Vec<Value>>) = items.into_iter().unzip();
        let usage = usage.map(|(input, output, cached)| {
            json!({
                "input_tokens": input, "output_tokens": output,
                "input_tokens_details": cached.map(|cached| json!({"cached_tokens": cached})),
            })
        });
        let whole = json!({"id": "resp_1", "status": status, "output": output,
            "incomplete_details": details, "usage": usage});

        // The events of all items, in any order that begins one after the
        // other.
        let begun = response("in_progress", &[]);
        let mut stream = frame(&json!({"type": "response.created", "response": begun}));
        events.iter_mut().for_each(|events| events.reverse());
        let mut begun = 0;
        for pick in picks.iter().cycle() {
            let open: Vec<usize> = (0..events.len().min(begun + 1))
                .filter(|i| !events[*i].is_empty())
                .collect();
            if open.is_empty() {
                break;
            }
            let chosen = open[pick.index(open.len())];
            begun = begun.max(chosen + 1);
            let mut event = events[chosen].pop().unwrap();
            event["output_index"] = json!(chosen);
            stream += &frame(&event);
        }
        let kind = format!("response.{status}");
        let end = frame(&json!({"type": kind, "response": whole}));
        (whole.to_string(), stream, end)
    })
}

proptest! {
    #[test]
    fn a_stream_is_the_whole_answer((whole, stream, end) in answer(), circumstances in circumstances()) {
        let whole = to_common(whole.as_bytes()).unwrap();
        a_stream_assembles_to_the_whole(relay::translated, &whole, &(stream + &end), &circumstances)?;
    }

    #[test]
    fn every_prefix_dies((_, stream, end) in answer(), cut in any::<Index>(), circumstances in circumstances()) {
        // The closing event counts once its last line feed is there.
        let all = stream + &end;
        let prefix = &all.as_bytes()[..cut.index(all.len() - 1)];
        a_death_is_told(relay::translated, prefix, &circumstances)?;
    }

    #[test]
    fn anything_survives(
        parts in prop::collection::vec(prop_oneof![
            answer().prop_map(|(_, stream, end)| (stream + &end).into_bytes()),
            answer().prop_map(|(_, stream, _)| stream.into_bytes()),
            prop::collection::vec(any::<u8>(), 0..9),
            prop::sample::select(vec!["data: {}\n\n", "data: []\n\n", "data: null\n\n", "data: ", "\n\n", "data: [DONE]\n\n"]).prop_map(|part| part.as_bytes().to_vec()),
        ], 0..6),
        circumstances in circumstances(),
    ) {
        anything_is_survived(relay::translated, &parts.concat(), &circumstances)?;
    }
}

#[test]
fn the_shapes_of_the_reference_keep_the_laws() {
    let shapes: [(&[u8], &str); 3] = [
        (
            include_bytes!("../fixtures/text.json"),
            include_str!("../fixtures/text.sse"),
        ),
        (
            include_bytes!("../fixtures/tools.json"),
            include_str!("../fixtures/tools.sse"),
        ),
        (
            include_bytes!("../fixtures/refusal.json"),
            include_str!("../fixtures/refusal.sse"),
        ),
    ];
    for (whole, stream) in shapes {
        let whole = to_common(whole).unwrap();
        for (thinking, usage) in [(true, true), (false, false)] {
            let circumstances = Circumstances {
                thinking,
                usage,
                cuts: vec![],
            };
            a_stream_assembles_to_the_whole(relay::translated, &whole, stream, &circumstances)
                .unwrap();
        }
    }
}
