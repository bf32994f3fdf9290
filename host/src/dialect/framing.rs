//! Blocks that follow each other in a client's stream, with named frames: what
//! Anthropic's dialect and the native form have in common.

use serde::Serialize;

use super::common::Event;
use super::json;

/// Says where blocks begin and end, which events only imply. Blocks are
/// numbered from 0, without gaps.
#[derive(Debug)]
pub(super) struct Framing {
    thoughts: Thoughts,
    open: Option<Kind>,
    /// The index of the open block, or of the next.
    index: usize,
}

/// How much a client is told of what the model thought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thoughts {
    /// Nothing.
    Hidden,
    /// What there is to read.
    Shown,
    /// Also what they are signed with, be they empty.
    Signed,
}

/// What happens to the block at an index.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mark<'e> {
    Begin(Opening<'e>),
    Piece(Piece<'e>),
    End,
}

/// A block as it begins, empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening<'e> {
    Thinking,
    Text,
    ToolUse { id: &'e str, name: &'e str },
}

/// More of a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'e> {
    Thinking(&'e str),
    Signature(&'e str),
    Text(&'e str),
    /// Of the JSON text of a tool's input.
    ToolInput(&'e str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Thinking,
    Text,
    ToolUse,
}

impl Framing {
    /// For a client that is told this much of `thoughts`.
    pub(super) fn new(thoughts: Thoughts) -> Self {
        Self {
            thoughts,
            open: None,
            index: 0,
        }
    }

    /// Takes the next event and calls `mark` with what it means.
    pub(super) fn take<'e>(&mut self, event: &'e Event, mut mark: impl FnMut(usize, Mark<'e>)) {
        match event {
            Event::Start { .. } => {}
            Event::Thinking(text) => match self.thoughts {
                Thoughts::Hidden => self.end(&mut mark),
                _ if text.is_empty() => {}
                _ => {
                    self.go_on(Kind::Thinking, Opening::Thinking, &mut mark);
                    mark(self.index, Mark::Piece(Piece::Thinking(text)));
                }
            },
            Event::Signature(signature) => {
                if self.thoughts == Thoughts::Signed && !signature.is_empty() {
                    self.go_on(Kind::Thinking, Opening::Thinking, &mut mark);
                    mark(self.index, Mark::Piece(Piece::Signature(signature)));
                }
                self.end(&mut mark);
            }
            Event::Text(text) if text.is_empty() => {}
            Event::Text(text) => {
                self.go_on(Kind::Text, Opening::Text, &mut mark);
                mark(self.index, Mark::Piece(Piece::Text(text)));
            }
            Event::ToolUse { id, name } => {
                self.begin(Kind::ToolUse, Opening::ToolUse { id, name }, &mut mark);
            }
            Event::ToolInput(json) => {
                if self.open == Some(Kind::ToolUse) && !json.is_empty() {
                    mark(self.index, Mark::Piece(Piece::ToolInput(json)));
                }
            }
            Event::End { .. } => self.end(&mut mark),
        }
    }

    /// Begins a block, unless one of its kind is open.
    fn go_on<'e>(
        &mut self,
        kind: Kind,
        opening: Opening<'e>,
        mark: &mut impl FnMut(usize, Mark<'e>),
    ) {
        if self.open != Some(kind) {
            self.begin(kind, opening, mark);
        }
    }

    fn begin<'e>(
        &mut self,
        kind: Kind,
        opening: Opening<'e>,
        mark: &mut impl FnMut(usize, Mark<'e>),
    ) {
        self.end(mark);
        self.open = Some(kind);
        mark(self.index, Mark::Begin(opening));
    }

    fn end<'e>(&mut self, mark: &mut impl FnMut(usize, Mark<'e>)) {
        if self.open.take().is_some() {
            mark(self.index, Mark::End);
            self.index += 1;
        }
    }
}

/// Appends a frame whose event is called `name`.
pub(super) fn frame(out: &mut Vec<u8>, name: &str, data: &impl Serialize) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    json::append(out, data);
    out.extend_from_slice(b"\n\n");
}
