//! The rules of a Chat Completions stream, and the completion that one adds up to.

use serde_json::{Map, Value, json};

use super::super::stream::{DONE, Event, shown};

/// What a stream added up to.
#[derive(Clone, Debug, Default)]
pub struct Completion {
    /// The first chunk: its id, model and time are those of all.
    pub first: Value,
    /// The message in the form that a whole answer has it.
    pub message: Map<String, Value>,
    /// Why it stopped.
    pub finish_reason: Option<String>,
    /// Of the chunk after the finish reason, where there is one.
    pub usage: Option<Value>,
    /// The error object that ended it, if one did.
    pub error: Option<Value>,
}

/// The fields of a delta that are texts in pieces.
const TEXTS: [&str; 3] = ["content", "refusal", "reasoning_content"];

/// Checks the order of a stream's chunks and adds them up. Either it ends with one
/// `[DONE]`, or with one error object.
pub fn check(events: &[Event]) -> Completion {
    let mut sum = Completion::default();
    let mut over = false;
    for event in events {
        let shown = || shown(events);
        assert!(!over, "`{}` after the end:\n{}", event.data, shown());
        assert!(
            event.name.is_empty(),
            "an event line `{}`:\n{}",
            event.name,
            shown()
        );
        if event.data == DONE {
            assert!(
                sum.finish_reason.is_some(),
                "done without a reason:\n{}",
                shown()
            );
            over = true;
        } else if let Some(error) = event.data.get("error").filter(|error| !error.is_null()) {
            super::super::error::check_openai(error);
            sum.error = Some(error.clone());
            over = true;
        } else {
            sum.add(&event.data, &shown);
        }
    }
    assert!(over, "a stream without an end:\n{}", shown(events));
    sum.close();
    sum
}

impl Completion {
    fn add(&mut self, chunk: &Value, shown: &dyn Fn() -> String) {
        assert_eq!(chunk["object"], "chat.completion.chunk", "{chunk}");
        if self.first.is_null() {
            let id = chunk["id"].as_str().unwrap_or_default();
            assert!(
                !id.is_empty() && chunk["created"].is_u64() && chunk["model"].is_string(),
                "{chunk}"
            );
            self.first = chunk.clone();
        }
        for field in ["id", "created", "model"] {
            assert_eq!(chunk[field], self.first[field], "{field}:\n{}", shown());
        }
        let choices = chunk["choices"].as_array().expect("choices");
        if let [choice] = choices.as_slice() {
            assert!(
                self.finish_reason.is_none(),
                "after the finish:\n{}",
                shown()
            );
            self.choice(choice, shown);
            assert!(chunk["usage"].is_null(), "usage with a choice: {chunk}");
        } else {
            assert!(choices.is_empty(), "one choice was asked for: {chunk}");
            assert!(
                self.finish_reason.is_some() && self.usage.is_none() && chunk["usage"].is_object(),
                "only one usage chunk, and only after the finish:\n{}",
                shown()
            );
            self.usage = Some(chunk["usage"].clone());
        }
    }

    fn choice(&mut self, choice: &Value, shown: &dyn Fn() -> String) {
        assert_eq!(choice["index"], 0, "{choice}");
        let delta = choice["delta"].as_object().expect("a delta");
        if self.message.is_empty() {
            assert_eq!(choice["delta"]["role"], "assistant", "{choice}");
            self.message.insert("role".into(), "assistant".into());
        } else {
            let role = delta.get("role").and_then(Value::as_str);
            assert!(
                matches!(role, None | Some("assistant")),
                "{choice}:\n{}",
                shown()
            );
        }
        for field in TEXTS {
            if let Some(piece) = delta.get(field).and_then(Value::as_str) {
                let so_far = self.message.get(field).and_then(Value::as_str);
                let text = format!("{}{piece}", so_far.unwrap_or_default());
                self.message.insert(field.into(), text.into());
            }
        }
        for call in delta
            .get("tool_calls")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.call(call, shown);
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.finish_reason = Some(reason.to_owned());
        }
    }

    /// Adds a piece of a tool call. The first of each call, and only that, names it.
    fn call(&mut self, piece: &Value, shown: &dyn Fn() -> String) {
        let calls = self.message.entry("tool_calls").or_insert(json!([]));
        let calls = calls.as_array_mut().expect("an array");
        let index = piece["index"].as_u64().expect("an index") as usize;
        assert!(
            index <= calls.len(),
            "indexes are dense: {piece}\n{}",
            shown()
        );
        let function = &piece["function"];
        if index == calls.len() {
            assert!(
                piece["id"].as_str().is_some_and(|id| !id.is_empty())
                    && piece["type"] == "function"
                    && function["name"].is_string(),
                "{piece}\n{}",
                shown()
            );
            calls.push(json!({"id": piece["id"], "type": "function",
                "function": {"name": function["name"], "arguments": ""}}));
        } else {
            assert!(
                piece["id"].is_null() && function["name"].is_null(),
                "named again: {piece}\n{}",
                shown()
            );
        }
        let arguments = &mut calls[index]["function"]["arguments"];
        let so_far = arguments.as_str().unwrap_or_default();
        *arguments = format!(
            "{so_far}{}",
            function["arguments"].as_str().unwrap_or_default()
        )
        .into();
    }

    /// Puts the message in the form of a whole answer.
    fn close(&mut self) {
        for field in TEXTS {
            if self.message.get(field).is_some_and(|text| text == "") {
                self.message.remove(field);
            }
        }
    }
}
