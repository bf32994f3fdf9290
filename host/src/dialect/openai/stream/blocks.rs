//! Which block a delta belongs to.

use std::collections::HashMap;

use crate::dialect::blocks::{Blocks, Handle, Kind};
use crate::dialect::common::{Event, StopReason};
use crate::dialect::openai::content::Words;
use crate::dialect::openai::wire::Call;
use crate::dialect::translate::Fault;

/// The blocks of a stream so far.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    blocks: Blocks,
    /// The thoughts or text that go on if more of their kind comes next.
    words: Option<(Kind, Handle)>,
    /// The last call at each index: some hosts give all of them the same.
    calls: HashMap<u64, Handle>,
}

impl Deltas {
    /// Whether a tool is called.
    pub(super) fn tool_use(&self) -> bool {
        self.blocks.tool_use()
    }

    /// Takes more of what the model thinks or says.
    pub(super) fn say(&mut self, words: &Words<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let (kind, more) = match words {
            Words::Thoughts(more) => (Kind::Thinking, more),
            Words::Text(more) => (Kind::Text, more),
        };
        if more.is_empty() {
            return Ok(());
        }
        let block = match self.words {
            Some((same, block)) if same == kind => block,
            _ => {
                let block = self.open(kind, events)?;
                self.words = Some((kind, block));
                block
            }
        };
        self.blocks.add(block, more, events)
    }

    /// Takes a piece of a tool call.
    pub(super) fn call(&mut self, call: Call<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let function = call.function.unwrap_or_default();
        let id = call.id.as_ref().map_or("", |id| &id.0);
        let name = function.name.as_ref().map_or("", |name| &name.0);
        let index = call.index.unwrap_or(0);
        let block = match self.calls.get(&index) {
            Some(block) if self.goes_on(*block, id, name) => *block,
            _ => {
                let block = self.open(Kind::Call, events)?;
                self.calls.insert(index, block);
                block
            }
        };
        self.blocks.name(block, id, name, events)?;
        self.blocks.add(block, &function.arguments.0, events)
    }

    /// Takes the end, after which nothing waits.
    pub(super) fn finish(
        &mut self,
        stop: &StopReason,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        self.blocks.finish(stop, events)
    }

    /// Whether a piece with this id and name belongs to the call in `block`.
    /// Hosts may repeat both with every piece, leave out either, or give every
    /// call the same index.
    fn goes_on(&self, block: Handle, id: &str, name: &str) -> bool {
        let Some(call) = self.blocks.call(block) else {
            return false;
        };
        if !id.is_empty() && !call.id.is_empty() {
            id == call.id
        } else {
            name.is_empty() || call.name.is_empty() || !call.is_whole()
        }
    }

    /// Begins a block, which ends the words before it.
    fn open(&mut self, kind: Kind, events: &mut Vec<Event>) -> Result<Handle, Fault> {
        if let Some((_, words)) = self.words.take() {
            self.blocks.close(words, events)?;
        }
        self.blocks.open(kind)
    }
}
