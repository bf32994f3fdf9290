//! The items of a streamed answer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::dialect::blocks::{BREAK, Blocks, Handle, Kind};
use crate::dialect::common::{Event, StopReason};
use crate::dialect::responses::wire::Item;
use crate::dialect::translate::Fault;

/// The items so far, each a block. Those without a counterpart are left out.
#[derive(Debug, Default)]
pub(super) struct Items {
    blocks: Blocks,
    /// By index and kind: not every host names an item by the same id in all
    /// of its events.
    items: HashMap<(u64, Kind), Streamed>,
    refused: bool,
}

#[derive(Debug)]
struct Streamed {
    block: Handle,
    /// The last part of a summary.
    part: u64,
}

impl Items {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Whether a function is called.
    pub(super) fn tool_use(&self) -> bool {
        self.blocks.tool_use()
    }

    /// Whether the model declined.
    pub(super) fn refused(&self) -> bool {
        self.refused
    }

    /// Takes the begin of an item.
    pub(super) fn added(
        &mut self,
        index: u64,
        item: &Item<'_>,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        let Some(kind) = kind(item) else {
            return Ok(());
        };
        let block = self.blocks.open(kind)?;
        self.items.insert((index, kind), Streamed::new(block));
        match item {
            Item::Call(call) => self.blocks.name(block, call.id(), call.name(), events),
            _ => Ok(()),
        }
    }

    /// Takes more text.
    pub(super) fn text(
        &mut self,
        index: u64,
        piece: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        let block = self.open(index, Kind::Text)?.block;
        self.blocks.add(block, piece, events)
    }

    /// Takes more of the text by which the model declines.
    pub(super) fn refusal(
        &mut self,
        index: u64,
        piece: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        self.refused = true;
        self.text(index, piece, events)
    }

    /// Takes more of a part of a summary of thoughts.
    pub(super) fn thinking(
        &mut self,
        index: u64,
        part: u64,
        piece: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        let item = self.open(index, Kind::Thinking)?;
        let block = item.block;
        if std::mem::replace(&mut item.part, part) != part && !self.blocks.is_blank(block) {
            self.blocks.add(block, BREAK, events)?;
        }
        self.blocks.add(block, piece, events)
    }

    /// Takes more of a call's arguments.
    pub(super) fn arguments(
        &mut self,
        index: u64,
        piece: &str,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        let block = self.open(index, Kind::Call)?.block;
        self.blocks.add(block, piece, events)
    }

    /// Takes the end of an item. What it says as a whole counts only where
    /// nothing came in pieces.
    pub(super) fn done(
        &mut self,
        index: u64,
        item: &Item<'_>,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        let Some(kind) = kind(item) else {
            return Ok(());
        };
        let block = self.open(index, kind)?.block;
        let blank = self.blocks.is_blank(block);
        self.refused |= item.refuses();
        match item {
            Item::Message(parts) => {
                for part in parts.iter().filter(|_| blank) {
                    self.blocks.add(block, part.text(), events)?;
                }
            }
            Item::Reasoning(parts) => {
                let texts: Vec<&str> = parts.iter().map(|part| part.text()).collect();
                if blank {
                    self.blocks.add(block, &texts.join(BREAK), events)?;
                }
            }
            Item::Call(call) => {
                self.blocks.name(block, call.id(), call.name(), events)?;
                if blank {
                    self.blocks.add(block, call.arguments(), events)?;
                }
            }
            Item::Other => {}
        }
        self.blocks.close(block, events)
    }

    /// Takes the end of the answer, after which nothing waits.
    pub(super) fn finish(
        &mut self,
        stop: &StopReason,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        self.blocks.finish(stop, events)
    }

    /// The item that a piece belongs to; one that was never added begins with
    /// it.
    fn open(&mut self, index: u64, kind: Kind) -> Result<&mut Streamed, Fault> {
        Ok(match self.items.entry((index, kind)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Streamed::new(self.blocks.open(kind)?)),
        })
    }
}

impl Streamed {
    fn new(block: Handle) -> Self {
        Self { block, part: 0 }
    }
}

/// What an item is as a block, if it is one.
fn kind(item: &Item<'_>) -> Option<Kind> {
    match item {
        Item::Message(_) => Some(Kind::Text),
        Item::Reasoning(_) => Some(Kind::Thinking),
        Item::Call(_) => Some(Kind::Call),
        Item::Other => None,
    }
}
