//! The upstream's answers, made once: Anthropic Messages, whole and as a stream of events, and a
//! stream of OpenAI Chat Completions. Formats: <https://docs.anthropic.com/en/api/messages> and
//! its streaming page, <https://platform.openai.com/docs/api-reference/chat-streaming>.

use crate::prompt::Prompt;

/// Text events in a streamed answer; with the events around them twenty in all.
const TEXT_EVENTS: usize = 15;
/// Text events, each of one token, in a long one.
pub const TOKENS: usize = 1000;

/// Every answer as the bytes to write, in the order of the writes.
pub struct Answers {
    whole: Vec<Vec<u8>>,
    stream: Vec<Vec<u8>>,
    tokens: Vec<Vec<u8>>,
    translated: Vec<Vec<u8>>,
}

impl Answers {
    /// Makes the answers.
    pub fn new() -> Self {
        Self {
            whole: vec![whole()],
            stream: stream(TEXT_EVENTS),
            tokens: stream(TOKENS),
            translated: chat_stream(TOKENS),
        }
    }

    /// The writes that answer a prompt.
    pub fn to(&self, prompt: Prompt) -> &[Vec<u8>] {
        match prompt {
            Prompt::Answer => &self.whole,
            Prompt::Stream | Prompt::FirstByte | Prompt::Open => &self.stream,
            Prompt::Tokens => &self.tokens,
            Prompt::Translated => &self.translated,
        }
    }
}

/// An answer of about 600 bytes with its head.
fn whole() -> Vec<u8> {
    let text = "Hello! It is good to hear from you. ".repeat(9);
    let body = format!(
        r#"{{"id":"msg_01BenchBenchBenchBench00","type":"message","role":"assistant","model":"bench-upstream","content":[{{"type":"text","text":"{text}"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":8,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":42}}}}"#
    );
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_bench\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The events of a stream, each a chunk and a write of its own; the head goes with the first.
fn stream(texts: usize) -> Vec<Vec<u8>> {
    let start = r#"{"type":"message_start","message":{"id":"msg_01BenchBenchBenchBench00","type":"message","role":"assistant","model":"bench-upstream","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":8,"output_tokens":1}}}"#;
    let block =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    let text = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello, "}}"#;
    let delta = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":42}}"#;

    let mut writes = vec![format!("{STREAM_HEAD}{}", chunk("message_start", start))];
    writes.push(chunk("content_block_start", block));
    writes.extend(std::iter::repeat_n(
        chunk("content_block_delta", text),
        texts,
    ));
    writes.push(chunk(
        "content_block_stop",
        r#"{"type":"content_block_stop","index":0}"#,
    ));
    writes.push(chunk("message_delta", delta));
    let stop = chunk("message_stop", r#"{"type":"message_stop"}"#);
    writes.push(format!("{stop}0\r\n\r\n"));
    writes.into_iter().map(String::into_bytes).collect()
}

/// The chunks of a Chat Completions stream, written alike.
fn chat_stream(texts: usize) -> Vec<Vec<u8>> {
    let data = |choices: &str, usage: &str| {
        framed(&format!(
            "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"bench-upstream\",\"choices\":[{choices}],\"usage\":{usage}}}\n\n"
        ))
    };
    let delta = |delta: &str, finish: &str| {
        let choice = format!("{{\"index\":0,\"delta\":{{{delta}}},\"finish_reason\":{finish}}}");
        data(&choice, "null")
    };
    let role = delta(r#""role":"assistant","content":"""#, "null");
    let mut writes = vec![format!("{STREAM_HEAD}{role}")];
    let text = delta(r#""content":"Hello, ""#, "null");
    writes.extend(std::iter::repeat_n(text, texts));
    writes.push(delta("", r#""stop""#));
    writes.push(data(
        "",
        r#"{"prompt_tokens":8,"completion_tokens":42,"total_tokens":50}"#,
    ));
    writes.push(format!("{}0\r\n\r\n", framed("data: [DONE]\n\n")));
    writes.into_iter().map(String::into_bytes).collect()
}

const STREAM_HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n";

/// One event as one chunk of the chunked coding.
fn chunk(event: &str, data: &str) -> String {
    framed(&format!("event: {event}\ndata: {data}\n\n"))
}

/// One chunk of the chunked coding.
fn framed(frame: &str) -> String {
    format!("{:x}\r\n{frame}\r\n", frame.len())
}
