//! The blocks of a streamed answer, one after the other, from pieces that may
//! interleave.
//!
//! The foremost block passes on what it gets, those behind it gather theirs.
//! It makes way for the next as soon as it can't grow: when its protocol says
//! that it ended, or when it is a call whose arguments are a whole object. So
//! what comes in order, as it nearly always does, streams with no delay, and
//! what interleaves comes out right.

mod block;
mod extent;

use self::block::Block;
pub(super) use self::block::{Call, Kind};
use super::common::{Event, StopReason};
use super::translate::Fault;

/// Stands between two texts in a row, or two thoughts: where blocks are
/// implied by order they would be one.
pub(super) const BREAK: &str = "\n\n";

/// The most bytes that wait behind the foremost block.
const MAX_WAITING: usize = 16 << 20;

/// The most blocks of an answer.
const MAX_BLOCKS: usize = 4096;

/// The blocks of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
    /// The index of the foremost one.
    front: usize,
    waiting: usize,
    /// What the last block was that said something.
    last: Option<Kind>,
}

/// Names one of [`Blocks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Handle(usize);

impl Blocks {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Whether a tool is called.
    pub(super) fn tool_use(&self) -> bool {
        self.blocks.iter().any(|block| block.kind() == Kind::Call)
    }

    /// Begins a block behind all others.
    pub(super) fn open(&mut self, kind: Kind) -> Result<Handle, Fault> {
        if self.blocks.len() == MAX_BLOCKS {
            let reason = format!("it has more than {MAX_BLOCKS} blocks");
            return Err(Fault::Garbage(reason));
        }
        self.blocks.push(Block::new(kind));
        Ok(Handle(self.blocks.len() - 1))
    }

    /// Whether a block got nothing yet.
    pub(super) fn is_blank(&self, handle: Handle) -> bool {
        self.blocks.get(handle.0).is_none_or(Block::is_blank)
    }

    /// What is known of a call; `None` for any other block.
    pub(super) fn call(&self, handle: Handle) -> Option<&Call> {
        self.blocks.get(handle.0).and_then(Block::call)
    }

    /// Tells whom a call calls. What is known already, or is empty, is passed
    /// over.
    pub(super) fn name(
        &mut self,
        handle: Handle,
        id: &str,
        name: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        if let Some(block) = self.blocks.get_mut(handle.0) {
            block.name(id, name);
        }
        self.pass_on(events)
    }

    /// Takes more of a block: text, thoughts, or the JSON text of a call's
    /// arguments.
    pub(super) fn add(
        &mut self,
        handle: Handle,
        piece: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        if let Some(block) = self.blocks.get_mut(handle.0) {
            block.add(piece)?;
            self.waiting += piece.len();
        }
        self.pass_on(events)
    }

    /// Ends a block: it gets no more.
    pub(super) fn close(&mut self, handle: Handle, events: &mut Vec<Event>) -> Result<(), Fault> {
        if let Some(block) = self.blocks.get_mut(handle.0) {
            block.close();
        }
        self.pass_on(events)
    }

    /// Takes the end of the answer, after which nothing waits.
    pub(super) fn finish(
        &mut self,
        stop: &StopReason,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        for (index, block) in self.blocks.iter_mut().enumerate() {
            block.check_whole(stop)?;
            if index >= self.front {
                block.pass_on(&mut self.last, events);
            }
        }
        self.front = self.blocks.len();
        Ok(())
    }

    fn pass_on(&mut self, events: &mut Vec<Event>) -> Result<(), Fault> {
        let followed = self.blocks.len().saturating_sub(1);
        while let Some(block) = self.blocks.get_mut(self.front) {
            let passed = block.pass_on(&mut self.last, events);
            self.waiting = self.waiting.saturating_sub(passed);
            if self.front == followed || !block.makes_way() {
                break;
            }
            self.front += 1;
        }
        if self.waiting > MAX_WAITING {
            let reason = "its blocks interleave without end".to_owned();
            return Err(Fault::Garbage(reason));
        }
        Ok(())
    }
}
