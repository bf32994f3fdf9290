//! Laws of passed-through streams.

use proptest::prelude::*;
use proptest::sample::Index;

use super::{CALL, END, FINISH, NEW, ROLE, TEXT, USAGE, frame};
use crate::dialect::openai::relay::passthrough;
use crate::dialect::relay::FailureKind;
use crate::dialect::testing::{chunks, cuts, run};

/// A frame of a stream.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    is_usage: bool,
    is_finish: bool,
}

/// A frame with `data`, in any of the forms that the format allows.
fn piece(data: &'static [&'static str]) -> impl Strategy<Value = Piece> {
    let data = prop::sample::select(data);
    let line = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (data, line, 0..3).prop_map(|(data, line, form)| {
        let text = match form {
            _ if data.starts_with(':') => data.to_owned(),
            0 => frame(data),
            1 => format!("event: x\ndata:{data}\n\n"),
            _ => format!(": c\nid: 1\ndata:{}\n\n", data.replace(',', ",\ndata: ")),
        };
        Piece {
            text: text.replace('\n', line),
            is_usage: data == USAGE,
            is_finish: data == FINISH,
        }
    })
}

const ASIDES: &[&str] = &[": c\n\n", NEW, USAGE];
const PIECES: &[&str] = &[": c\n\n", ROLE, TEXT, CALL, NEW, USAGE];

/// A stream up to its closing frame.
fn stream() -> impl Strategy<Value = Vec<Piece>> {
    let aside = || prop::collection::vec(piece(ASIDES), 0..4);
    (
        prop::sample::select(vec!["", "\u{feff}"]),
        aside(),
        piece(&[ROLE, TEXT]),
        prop::collection::vec(piece(PIECES), 0..8),
        piece(&[FINISH]),
        aside(),
    )
        .prop_map(|(bom, before, first, more, finish, after)| {
            let bom = Piece {
                text: bom.to_owned(),
                is_usage: false,
                is_finish: false,
            };
            let mut all = vec![bom];
            all.extend(before);
            all.push(first);
            all.extend(more);
            all.push(finish);
            all.extend(after);
            all
        })
}

fn joined<'p>(pieces: impl IntoIterator<Item = &'p Piece>) -> String {
    pieces
        .into_iter()
        .map(|piece| piece.text.as_str())
        .collect()
}

/// What a client gets of `pieces`.
fn shown(pieces: &[Piece], hide: bool) -> String {
    // A byte order mark is part of the first frame, and goes with it.
    let lost = hide && pieces.get(1).is_some_and(|first| first.is_usage);
    joined(
        pieces
            .iter()
            .skip(usize::from(lost))
            .filter(|piece| !(hide && piece.is_usage)),
    )
}

proptest! {
    #[test]
    fn every_byte_passes_however_it_is_chunked(pieces in stream(), hide in any::<bool>(), cuts in cuts()) {
        let whole = joined(&pieces) + END;
        let cut = run(passthrough(hide), chunks(whole.as_bytes(), &cuts));
        prop_assert_eq!(std::str::from_utf8(&cut.forwarded).unwrap(), shown(&pieces, hide));
        prop_assert_eq!(cut.end.as_ref().unwrap(), END);
        prop_assert_eq!(cut.capture.usage.output_tokens, pieces.iter().any(|piece| piece.is_usage).then_some(5));
        prop_assert_eq!(cut.capture.tool_use, pieces.iter().any(|piece| piece.text.contains("\"tool_calls\":")));
        prop_assert_eq!(cut, run(passthrough(hide), [whole.as_bytes()]));
    }

    #[test]
    fn every_prefix_dies_unless_it_says_all(
        pieces in stream(), hide in any::<bool>(), cuts in cuts(), end in any::<Index>(),
    ) {
        let whole = joined(&pieces) + END;
        let length = end.index(whole.len());
        let prefix = &whole.as_bytes()[..length];
        let run = run(passthrough(hide), chunks(prefix, &cuts));
        let ends_of = |wanted: fn(&Piece) -> bool| {
            let found = pieces.iter().position(wanted)?;
            Some(joined(&pieces[..=found]).len())
        };
        let finished = ends_of(|piece| piece.is_finish);
        let used = ends_of(|piece| piece.is_usage);
        let all_said = finished.zip(used).map(|(finished, used)| finished.max(used));
        match run.end {
            // The close is as good as the second half of a CR LF.
            Ok(last) => {
                prop_assert_eq!(last, END);
                prop_assert!(all_said.is_some_and(|at| length + 1 >= at));
            }
            Err(failure) => {
                prop_assert_eq!(failure.kind, FailureKind::Died);
                prop_assert!(all_said.is_none_or(|at| length < at));
            }
        }
        prop_assert!(shown(&pieces, hide).as_bytes().starts_with(&run.forwarded));
    }

    #[test]
    fn anything_is_survived(
        parts in prop::collection::vec(prop_oneof![
            piece(PIECES).prop_map(|piece| piece.text.into_bytes()),
            piece(&[FINISH, "{\"error\":{\"message\":\"m\"}}"]).prop_map(|piece| piece.text.into_bytes()),
            prop::collection::vec(any::<u8>(), 0..9),
            prop::sample::select(vec![&b"data"[..], b":", b"{\"usage\":", b"[DONE]", b"\n\n"]).prop_map(<[u8]>::to_vec),
        ], 0..12),
        hide in any::<bool>(),
        cuts in cuts(),
    ) {
        let stream = parts.concat();
        prop_assert_eq!(run(passthrough(hide), chunks(&stream, &cuts)), run(passthrough(hide), [&stream[..]]));
    }
}
