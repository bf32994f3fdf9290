//! A client of Chat Completions, by the rules of the official SDKs.

use serde_json::{Value, json};

use super::events;

/// The completion of a whole stream, or the error that it ends with. Where a
/// stream can't but say an empty text and a whole answer says none, it is none.
pub(super) fn assemble(stream: &[u8]) -> Result<Value, Value> {
    let mut completion = Value::Null;
    let mut over = None;
    for event in events(stream) {
        assert!(over.is_none(), "{event:?} after the end");
        assert_eq!(event.name, None);
        if event.data == "[DONE]" {
            assert!(completion["choices"][0]["finish_reason"].is_string());
            over = Some(Ok(()));
        } else if !event.data["error"].is_null() {
            assert!(event.data["error"]["message"].is_string());
            over = Some(Err(event.data["error"].clone()));
        } else {
            take(&mut completion, &event.data);
        }
    }
    over.expect("an end").map(|()| finish(completion))
}

fn take(completion: &mut Value, chunk: &Value) {
    assert_eq!(chunk["object"], "chat.completion.chunk");
    if completion.is_null() {
        *completion = json!({
            "id": chunk["id"], "object": "chat.completion", "created": chunk["created"],
            "model": chunk["model"],
            "choices": [{"index": 0, "message": {"refusal": null}, "logprobs": null, "finish_reason": null}],
        });
        assert_eq!(chunk["choices"][0]["delta"]["role"], "assistant");
    }
    for field in ["id", "created", "model"] {
        assert_eq!(completion[field], chunk[field]);
    }
    let choices = chunk["choices"].as_array().unwrap();
    let whole = &mut completion["choices"][0];
    if !chunk["usage"].is_null() {
        assert!(choices.is_empty() && whole["finish_reason"].is_string());
        completion["usage"] = chunk["usage"].clone();
        return;
    }
    assert_eq!((choices.len(), &choices[0]["index"]), (1, &json!(0)));
    assert!(whole["finish_reason"].is_null(), "{chunk} after the end");
    whole["finish_reason"] = choices[0]["finish_reason"].clone();
    for (field, value) in choices[0]["delta"].as_object().unwrap() {
        match field.as_str() {
            "role" => {
                assert!(whole["message"]["role"].is_null());
                whole["message"]["role"] = value.clone();
            }
            "content" | "reasoning_content" => append(&mut whole["message"][field], value),
            "tool_calls" => {
                for piece in value.as_array().unwrap() {
                    call(&mut whole["message"]["tool_calls"], piece);
                }
            }
            other => panic!("{other}"),
        }
    }
}

fn call(calls: &mut Value, piece: &Value) {
    if calls.is_null() {
        *calls = json!([]);
    }
    let calls = calls.as_array_mut().unwrap();
    let index = usize::try_from(piece["index"].as_u64().unwrap()).unwrap();
    if index == calls.len() {
        assert_ne!(piece["id"], "");
        assert_eq!(piece["type"], "function");
        assert!(piece["function"]["name"].is_string());
        let mut begun = piece.clone();
        begun.as_object_mut().unwrap().remove("index");
        calls.push(begun);
    } else {
        assert_eq!(index + 1, calls.len(), "calls interleave");
        assert!(piece["id"].is_null() && piece["function"]["name"].is_null());
        append(
            &mut calls[index]["function"]["arguments"],
            &piece["function"]["arguments"],
        );
    }
}

fn append(whole: &mut Value, piece: &Value) {
    let text = whole.as_str().unwrap_or_default().to_owned() + piece.as_str().unwrap();
    *whole = json!(text);
}

fn finish(mut completion: Value) -> Value {
    let message = &mut completion["choices"][0]["message"];
    if message["content"] == "" && !message["tool_calls"].is_null() {
        message["content"] = Value::Null;
    }
    completion
}
