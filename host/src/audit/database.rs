//! The audit of a database, line by line: what is committed when it begins,
//! whether a gateway runs or not.

use std::ops::ControlFlow;

use super::line::{End, Event, Line};
use super::verify::Place;
use crate::store::audit::{chains_at, row_id, stored};
use crate::store::{Store, StoreError, checkpoints};

/// Events that are read at once.
const PAGE: u32 = 4_096;

/// Gives `take` every line, until it breaks; of the events those from the one
/// before `from` on.
///
/// # Errors
/// If the database cannot be read.
pub async fn lines(
    store: &Store,
    from: Place,
    mut take: impl FnMut(Line) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut tx = store.snapshot().await?;
    let mut end = End::default();
    let mut give = |line: Line| {
        end.count(&line);
        take(line)
    };
    let chains = chains_at(&mut tx).await?.into_iter().map(Line::from);
    let signed = checkpoints::list(&mut tx)
        .await?
        .into_iter()
        .map(Line::from);
    for line in chains.chain(signed) {
        if give(line).is_break() {
            return Ok(());
        }
    }
    // The event before `from` has the link that the first one continues.
    let mut after = if from == Place::default() {
        // Also what no chain can hold.
        i64::MIN
    } else {
        row_id(from.chain, (from.seq - 2).max(0))
    };
    loop {
        let events = stored(&mut tx, after, PAGE).await?;
        let Some(last) = events.last() else { break };
        after = last.id;
        for event in events {
            if give(Line::Event(Event::from(event))).is_break() {
                return Ok(());
            }
        }
    }
    let _ = take(Line::End(end));
    Ok(())
}
