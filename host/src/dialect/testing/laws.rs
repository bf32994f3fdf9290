//! What holds for every provider and every client, given an answer that the
//! provider writes both whole and as a stream.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use serde_json::Value;

use super::{assemble, chunks, names, translate};
use crate::dialect::Dialect;
use crate::dialect::common::{Answer, Capture};
use crate::dialect::relay::{FailureKind, Relay};

/// Every client's dialect.
pub const CLIENTS: [Dialect; 3] = [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Native];

/// What a client wants to see, and how the provider's bytes are cut.
#[derive(Debug, Clone)]
pub struct Circumstances {
    pub thinking: bool,
    pub usage: bool,
    pub cuts: Vec<Index>,
}

/// Any circumstances.
pub fn circumstances() -> impl Strategy<Value = Circumstances> {
    let all = (any::<bool>(), any::<bool>(), super::cuts());
    all.prop_map(|(thinking, usage, cuts)| Circumstances {
        thinking,
        usage,
        cuts,
    })
}

/// What every client puts together from the translated `stream` is the
/// translated `whole`, however the provider's bytes are cut.
pub fn a_stream_assembles_to_the_whole<R: Relay>(
    relay: impl Fn() -> R,
    whole: &Answer,
    stream: &str,
    circumstances: &Circumstances,
) -> Result<(), TestCaseError> {
    let Circumstances {
        thinking,
        usage,
        cuts,
    } = circumstances;
    let names = || names(*thinking, *usage);
    for client in CLIENTS {
        let cut = chunks(stream.as_bytes(), cuts);
        let run = translate(relay(), (client, names()), cut);
        let mut expected: Value = serde_json::from_slice(&client.answer(whole, &names())).unwrap();
        let mut assembled = assemble(client, &run.sent(client)).unwrap();
        if client == Dialect::OpenaiChat {
            if !usage {
                expected.as_object_mut().unwrap().remove("usage");
            }
            read_arguments(&mut expected);
            read_arguments(&mut assembled);
        }
        prop_assert_eq!(assembled, expected);
        // White space in a tool's input may differ.
        let expected = Capture {
            said_bytes: run.capture.said_bytes,
            ..Capture::from(whole)
        };
        prop_assert_eq!(&run.capture, &expected);
        let uncut = translate(relay(), (client, names()), [stream.as_bytes()]);
        prop_assert_eq!(run.sent(client), uncut.sent(client));
    }
    Ok(())
}

/// `prefix`, an answer that is not whole, ends with an error in every client's
/// stream, which is valid up to there.
pub fn a_death_is_told<R: Relay>(
    relay: impl Fn() -> R,
    prefix: &[u8],
    circumstances: &Circumstances,
) -> Result<(), TestCaseError> {
    for client in CLIENTS {
        let names = names(circumstances.thinking, circumstances.usage);
        let died = translate(
            relay(),
            (client, names),
            chunks(prefix, &circumstances.cuts),
        );
        prop_assert_eq!(died.end.as_ref().unwrap_err().kind, FailureKind::Died);
        let error = assemble(client, &died.sent(client)).unwrap_err();
        prop_assert_eq!(
            &error["message"],
            "the provider closed the stream before its answer was whole"
        );
    }
    Ok(())
}

/// Whatever the provider sends, cutting it anywhere changes nothing, and every
/// client gets a stream that ends.
pub fn anything_is_survived<R: Relay>(
    relay: impl Fn() -> R,
    stream: &[u8],
    circumstances: &Circumstances,
) -> Result<(), TestCaseError> {
    for client in CLIENTS {
        let names = || names(circumstances.thinking, circumstances.usage);
        let cut = chunks(stream, &circumstances.cuts);
        let run = translate(relay(), (client, names()), cut);
        let uncut = translate(relay(), (client, names()), [stream]);
        prop_assert_eq!(&run.forwarded, &uncut.forwarded);
        prop_assert_eq!(&run.end, &uncut.end);
        if run.end.is_err() {
            assemble(client, &run.sent(client)).unwrap_err();
        }
    }
    Ok(())
}

/// Arguments are JSON in a string, whose spaces a stream need not keep.
fn read_arguments(completion: &mut Value) {
    let calls = &mut completion["choices"][0]["message"]["tool_calls"];
    for call in calls.as_array_mut().into_iter().flatten() {
        let arguments = &mut call["function"]["arguments"];
        *arguments = serde_json::from_str(arguments.as_str().unwrap()).unwrap();
    }
}
