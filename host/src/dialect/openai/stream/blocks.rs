//! Blocks one after the other, out of deltas that may interleave.
//!
//! A block passes on what it gets while it is the foremost; those behind it
//! gather theirs. It makes way for the next as soon as it can't grow: a text
//! when a tool call follows it, a call when its arguments are a whole object.
//! So calls that come in order, as they nearly always do, stream with no
//! delay, and calls that interleave come out right.

use super::Fault;
use super::extent::{Extent, NotAnObject};
use crate::dialect::common::{Event, StopReason};
use crate::dialect::openai::wire::Call;

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
}

#[derive(Debug)]
enum Block {
    Text { waiting: String },
    Tool(Tool),
}

#[derive(Debug, Default)]
struct Tool {
    index: u64,
    id: String,
    name: String,
    begun: bool,
    waiting: String,
    extent: Extent,
}

impl Blocks {
    /// Whether a tool is called.
    pub(super) fn tool_use(&self) -> bool {
        self.blocks
            .iter()
            .any(|block| matches!(block, Block::Tool(_)))
    }

    /// Takes more text.
    pub(super) fn text(&mut self, text: &str, events: &mut Vec<Event>) -> Result<(), Fault> {
        if text.is_empty() {
            return Ok(());
        }
        match self.blocks.last_mut() {
            Some(Block::Text { waiting }) => waiting.push_str(text),
            _ => self.push(Block::Text {
                waiting: text.to_owned(),
            })?,
        }
        self.waiting += text.len();
        self.pass_on(events)
    }

    /// Takes a piece of a tool call.
    pub(super) fn call(&mut self, call: Call<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let function = call.function.unwrap_or_default();
        let id = call.id.as_ref().map_or("", |id| &id.0);
        let name = function.name.as_ref().map_or("", |name| &name.0);
        let index = call.index.unwrap_or(0);
        if !self
            .last_tool(index)
            .is_some_and(|tool| tool.goes_on(id, name))
        {
            self.push(Block::Tool(Tool {
                index,
                ..Tool::default()
            }))?;
        }
        let arguments = &function.arguments.0;
        if let Some(tool) = self.last_tool(index) {
            tool.take(id, name, arguments)?;
        }
        self.waiting += arguments.len();
        self.pass_on(events)
    }

    /// Takes the end, after which nothing waits.
    pub(super) fn finish(
        &mut self,
        stop: &StopReason,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        for block in self.blocks.iter_mut().skip(self.front) {
            if let Block::Tool(tool) = block {
                tool.check_whole(stop)?;
            }
            block.pass_on(events);
        }
        self.front = self.blocks.len();
        Ok(())
    }

    /// The last call at `index`: some hosts give all of them the same.
    fn last_tool(&mut self, index: u64) -> Option<&mut Tool> {
        self.blocks.iter_mut().rev().find_map(|block| match block {
            Block::Tool(tool) if tool.index == index => Some(tool),
            _ => None,
        })
    }

    fn push(&mut self, block: Block) -> Result<(), Fault> {
        if self.blocks.len() == MAX_BLOCKS {
            return Err(Fault::Garbage(format!(
                "it has more than {MAX_BLOCKS} blocks"
            )));
        }
        self.blocks.push(block);
        Ok(())
    }

    fn pass_on(&mut self, events: &mut Vec<Event>) -> Result<(), Fault> {
        let followed = self.blocks.len().saturating_sub(1);
        while let Some(block) = self.blocks.get_mut(self.front) {
            self.waiting = self.waiting.saturating_sub(block.pass_on(events));
            if self.front == followed || !block.is_whole() {
                break;
            }
            self.front += 1;
        }
        if self.waiting > MAX_WAITING {
            return Err(Fault::Garbage(
                "its tool calls interleave without end".to_owned(),
            ));
        }
        Ok(())
    }
}

impl Block {
    /// Passes on what waits in the foremost block; its bytes.
    fn pass_on(&mut self, events: &mut Vec<Event>) -> usize {
        let (waiting, event): (_, fn(String) -> Event) = match self {
            Self::Text { waiting } => (waiting, Event::Text),
            Self::Tool(tool) => {
                if tool.name.is_empty() {
                    return 0;
                }
                if !tool.begun {
                    tool.begun = true;
                    let (id, name) = (tool.id.clone(), tool.name.clone());
                    events.push(Event::ToolUse { id, name });
                }
                (&mut tool.waiting, Event::ToolInput)
            }
        };
        let passed = waiting.len();
        if passed > 0 {
            events.push(event(std::mem::take(waiting)));
        }
        passed
    }

    /// Whether it can't grow once another block follows it.
    fn is_whole(&self) -> bool {
        match self {
            Self::Text { .. } => true,
            Self::Tool(tool) => tool.begun && tool.extent.is_whole(),
        }
    }
}

impl Tool {
    /// Whether a piece with this id and name belongs to this call. Hosts may
    /// repeat both with every piece, leave out either, or give every call the
    /// same index.
    fn goes_on(&self, id: &str, name: &str) -> bool {
        if !id.is_empty() && !self.id.is_empty() {
            id == self.id
        } else {
            name.is_empty() || self.name.is_empty() || !self.extent.is_whole()
        }
    }

    fn take(&mut self, id: &str, name: &str, arguments: &str) -> Result<(), Fault> {
        if self.id.is_empty() && !self.begun {
            id.clone_into(&mut self.id);
        }
        if self.name.is_empty() {
            name.clone_into(&mut self.name);
        }
        if let Err(NotAnObject) = self.extent.feed(arguments) {
            return Err(Fault::Garbage(self.bad_arguments()));
        }
        self.waiting.push_str(arguments);
        Ok(())
    }

    fn check_whole(&self, stop: &StopReason) -> Result<(), Fault> {
        if self.name.is_empty() {
            return Err(Fault::Garbage("a tool call has no name".to_owned()));
        }
        // A call without arguments may come without an object.
        if self.extent.is_whole() || self.extent.is_blank() || stop.cuts_off() {
            return Ok(());
        }
        Err(Fault::Garbage(self.bad_arguments()))
    }

    fn bad_arguments(&self) -> String {
        format!("the arguments of `{}` are no JSON object", self.name)
    }
}
