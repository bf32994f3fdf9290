//! The upstream's answers, made once: Anthropic Messages, whole and as a stream of events.
//! Format: <https://docs.anthropic.com/en/api/messages> and its streaming page.

use crate::prompt::Prompt;

/// Text events in a streamed answer; with the events around them twenty in all.
const TEXT_EVENTS: usize = 15;

/// Every answer as the bytes to write, in the order of the writes.
pub struct Answers {
    whole: Vec<Vec<u8>>,
    stream: Vec<Vec<u8>>,
}

impl Answers {
    /// Makes the answers.
    pub fn new() -> Self {
        Self {
            whole: vec![whole()],
            stream: stream(),
        }
    }

    /// The writes that answer a prompt.
    pub fn to(&self, prompt: Prompt) -> &[Vec<u8>] {
        match prompt {
            Prompt::Answer => &self.whole,
            Prompt::Stream | Prompt::FirstByte => &self.stream,
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
fn stream() -> Vec<Vec<u8>> {
    let start = r#"{"type":"message_start","message":{"id":"msg_01BenchBenchBenchBench00","type":"message","role":"assistant","model":"bench-upstream","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":8,"output_tokens":1}}}"#;
    let block =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    let text = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello, "}}"#;
    let delta = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":42}}"#;

    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut writes = vec![format!("{head}{}", chunk("message_start", start))];
    writes.push(chunk("content_block_start", block));
    writes.extend(std::iter::repeat_n(
        chunk("content_block_delta", text),
        TEXT_EVENTS,
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

/// One event as one chunk of the chunked coding.
fn chunk(event: &str, data: &str) -> String {
    let frame = format!("event: {event}\ndata: {data}\n\n");
    format!("{:x}\r\n{frame}\r\n", frame.len())
}
