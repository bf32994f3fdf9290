//! One block of a streamed answer.

use super::BREAK;
use super::extent::{Extent, NotAnObject};
use crate::dialect::common::{Event, StopReason};
use crate::dialect::translate::Fault;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::dialect) enum Kind {
    /// Text.
    Text,
    /// Thoughts.
    Thinking,
    /// A call of a tool.
    Call,
}

/// A block as far as it came.
#[derive(Debug)]
pub(super) struct Block {
    content: Content,
    /// What came and was not passed on.
    waiting: String,
    blank: bool,
    begun: bool,
    closed: bool,
}

#[derive(Debug)]
enum Content {
    Text,
    Thinking,
    Call(Call),
}

/// What is known of a call.
#[derive(Debug, Default)]
pub(in crate::dialect) struct Call {
    /// Its id, empty where none came.
    pub(in crate::dialect) id: String,
    /// The tool, empty until it is known.
    pub(in crate::dialect) name: String,
    extent: Extent,
}

impl Block {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            content: match kind {
                Kind::Text => Content::Text,
                Kind::Thinking => Content::Thinking,
                Kind::Call => Content::Call(Call::default()),
            },
            waiting: String::new(),
            blank: true,
            begun: false,
            closed: false,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match &self.content {
            Content::Text => Kind::Text,
            Content::Thinking => Kind::Thinking,
            Content::Call(_) => Kind::Call,
        }
    }

    pub(super) fn call(&self) -> Option<&Call> {
        match &self.content {
            Content::Call(call) => Some(call),
            _ => None,
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.blank
    }

    pub(super) fn name(&mut self, id: &str, name: &str) {
        if let Content::Call(call) = &mut self.content {
            if call.id.is_empty() && !self.begun {
                id.clone_into(&mut call.id);
            }
            if call.name.is_empty() {
                name.clone_into(&mut call.name);
            }
        }
    }

    pub(super) fn add(&mut self, piece: &str) -> Result<(), Fault> {
        if self.closed && !piece.is_empty() {
            let reason = "a block goes on after its end".to_owned();
            return Err(Fault::Garbage(reason));
        }
        if let Content::Call(call) = &mut self.content
            && let Err(NotAnObject) = call.extent.feed(piece)
        {
            return Err(call.bad_arguments());
        }
        self.blank &= piece.is_empty();
        self.waiting.push_str(piece);
        Ok(())
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// Passes on what waits; its bytes. `last` is the block before it that
    /// said something, and then this one.
    pub(super) fn pass_on(&mut self, last: &mut Option<Kind>, events: &mut Vec<Event>) -> usize {
        let kind = self.kind();
        if let Content::Call(call) = &self.content {
            if call.name.is_empty() {
                return 0;
            }
            if !self.begun {
                let (id, name) = (call.id.clone(), call.name.clone());
                events.push(Event::ToolUse { id, name });
                self.begun = true;
                *last = Some(kind);
            }
        }
        let passed = self.waiting.len();
        if passed == 0 {
            return 0;
        }
        let mut piece = std::mem::take(&mut self.waiting);
        if !self.begun && *last == Some(kind) {
            piece.insert_str(0, BREAK);
        }
        self.begun = true;
        *last = Some(kind);
        events.push(match kind {
            Kind::Text => Event::Text(piece),
            Kind::Thinking => Event::Thinking(piece),
            Kind::Call => Event::ToolInput(piece),
        });
        passed
    }

    /// Whether it can't grow once another block follows it.
    pub(super) fn makes_way(&self) -> bool {
        match &self.content {
            Content::Text | Content::Thinking => self.closed,
            Content::Call(call) => self.begun && (self.closed || call.is_whole()),
        }
    }

    /// Fails if it is a call that can't stand as it is in an answer that ended
    /// with `stop`.
    pub(super) fn check_whole(&self, stop: &StopReason) -> Result<(), Fault> {
        let Content::Call(call) = &self.content else {
            return Ok(());
        };
        if call.name.is_empty() {
            return Err(Fault::Garbage("a tool call has no name".to_owned()));
        }
        // A call without arguments may come without an object.
        if call.is_whole() || call.extent.is_blank() || stop.cuts_off() {
            return Ok(());
        }
        Err(call.bad_arguments())
    }
}

impl Call {
    /// Whether its arguments are a whole object.
    pub(in crate::dialect) fn is_whole(&self) -> bool {
        self.extent.is_whole()
    }

    fn bad_arguments(&self) -> Fault {
        Fault::Garbage(format!(
            "the arguments of `{}` are no JSON object",
            self.name
        ))
    }
}
