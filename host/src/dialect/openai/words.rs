//! What the model says in a message, or in a piece of one: its thoughts and its
//! text. Hosts put thoughts into a field of their own, by one of two names;
//! Mistral into parts of the content; Gemini between marks in the content, with
//! a flag beside it.

use super::content::{Content, Words};
use super::wire::Message;

const THOUGHT_BEGINS: &str = "<thought>";
const THOUGHT_ENDS: &str = "</thought>";

/// Takes the words out of `message` in their order. `marked` says whether a
/// thought between marks is open; it goes from piece to piece.
pub(super) fn words<'a, E>(
    message: &mut Message<'a>,
    marked: &mut bool,
    mut say: impl FnMut(Words<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let thoughts = message.reasoning_content.take().unwrap_or_default().0;
    let thoughts = match message.reasoning.take() {
        Some(other) if thoughts.is_empty() => other.0,
        _ => thoughts,
    };
    say(Words::Thoughts(thoughts))?;
    match message.content.take() {
        Some(Content::Text(text)) => {
            let flagged = message.extra_content.as_ref().is_some_and(|flag| flag.0);
            if flagged || *marked {
                let (thoughts, rest) = between_marks(&text, flagged);
                *marked = flagged && rest.is_none();
                say(Words::Thoughts(thoughts.to_owned().into()))?;
                say(Words::Text(rest.unwrap_or_default().to_owned().into()))?;
            } else {
                say(Words::Text(text))?;
            }
        }
        Some(Content::Parts(parts)) => parts.into_iter().try_for_each(&mut say)?,
        None => {}
    }
    match message.refusal.take() {
        Some(refusal) => say(Words::Text(refusal.0)),
        None => Ok(()),
    }
}

/// The thoughts in `text`, and what follows them if they end in it.
fn between_marks(text: &str, flagged: bool) -> (&str, Option<&str>) {
    if !flagged {
        return ("", Some(text.strip_prefix(THOUGHT_ENDS).unwrap_or(text)));
    }
    let text = text.strip_prefix(THOUGHT_BEGINS).unwrap_or(text);
    match text.split_once(THOUGHT_ENDS) {
        Some((thoughts, rest)) => (thoughts, Some(rest)),
        None => (text, None),
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
    use std::convert::Infallible;

    use super::*;

    /// The words of pieces of one message; thoughts in brackets.
    fn said(pieces: &[&str]) -> String {
        let mut marked = false;
        let mut all = String::new();
        for piece in pieces {
            let mut message: Message<'_> = serde_json::from_str(piece).unwrap();
            let said: Result<(), Infallible> = words(&mut message, &mut marked, |words| {
                match words {
                    Words::Thoughts(thoughts) if !thoughts.is_empty() => {
                        all += &format!("[{thoughts}]");
                    }
                    Words::Thoughts(_) => {}
                    Words::Text(text) => all += &text,
                }
                Ok(())
            });
            said.unwrap();
        }
        all
    }

    #[test]
    fn thoughts_are_found_wherever_hosts_put_them() {
        for (pieces, expected) in [
            (&[r#"{"content":"a"}"#][..], "a"),
            (&[r#"{"content":null,"refusal":"no"}"#], "no"),
            (&[r#"{"content":"a","reasoning_content":"t"}"#], "[t]a"),
            (&[r#"{"content":"a","reasoning":"t"}"#], "[t]a"),
            (
                &[r#"{"content":"a","reasoning_content":"","reasoning":"t"}"#],
                "[t]a",
            ),
            (
                &[r#"{"content":"a","reasoning_content":"t","reasoning":"t"}"#],
                "[t]a",
            ),
            (&[r#"{"content":"a","reasoning":{"x":1}}"#], "a"),
            (
                &[
                    r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"},{"type":"reference","reference_ids":[1]}],"closed":true},{"type":"text","text":"a"}]}"#,
                ],
                "[t]a",
            ),
            (
                &[r#"{"content":[{"type":"thinking","thinking":"t"}]}"#],
                "[t]",
            ),
        ] {
            assert_eq!(said(pieces), expected, "{pieces:?}");
        }
    }

    #[test]
    fn marks_count_only_where_a_flag_says_so() {
        let flagged = |content: &str| {
            format!(r#"{{"content":"{content}","extra_content":{{"google":{{"thought":true}}}}}}"#)
        };
        assert_eq!(said(&[&flagged("<thought>t</thought>a")]), "[t]a");
        assert_eq!(said(&[&flagged("<thought>cut off")]), "[cut off]");
        assert_eq!(
            said(&[
                &flagged("<thought>t"),
                &flagged("u"),
                r#"{"content":"</thought>a"}"#,
                r#"{"content":"</thought>b"}"#
            ]),
            "[t][u]a</thought>b"
        );
        let call = r#"{"content":null,"tool_calls":[],"extra_content":"x"}"#;
        assert_eq!(said(&[&flagged("<thought>t"), call]), "[t]");
        let text = r#"{"content":"<thought>x</thought>","extra_content":{"google":{}}}"#;
        assert_eq!(said(&[text]), "<thought>x</thought>");
    }
}
