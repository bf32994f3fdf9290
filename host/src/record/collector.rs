//! Makes groups of what is written at about the same time.

use std::sync::Arc;

use tokio::sync::mpsc::{Receiver, UnboundedReceiver};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::handoff::Giver;
use super::message::{Batch, Message};
use super::shared::Shared;

/// The most writes of one commit.
const GROUP: usize = 512;

/// How often the other tasks run before a group is handed over, so that those
/// about to write join it.
const YIELDS: usize = 2;

pub(super) struct Collector {
    pub(super) queue: Receiver<Message>,
    pub(super) batches: Giver,
    pub(super) shared: Arc<Shared>,
    pub(super) done: UnboundedReceiver<Batch>,
}

impl Collector {
    /// Hands groups over until it is told to stop, or nobody can write any more.
    pub(super) async fn run(mut self) {
        let mut batch = Batch::default();
        let mut messages = Vec::with_capacity(GROUP);
        let mut flushes = Vec::new();
        while !batch.last {
            if self.queue.recv_many(&mut messages, GROUP).await == 0 {
                return;
            }
            // A call alone has nobody to wait for.
            let yields = if self.shared.pending() > 1 { YIELDS } else { 0 };
            for _ in 0..yields {
                yield_now().await;
                while messages.len() < GROUP
                    && let Ok(message) = self.queue.try_recv()
                {
                    messages.push(message);
                }
            }
            sort(&mut messages, &mut batch, &mut flushes);
            // The thread waits for this batch: there is no other in its hands.
            self.batches.give(batch);
            let Some(done) = self.done.recv().await else {
                return;
            };
            batch = done;
            let results = std::mem::take(&mut batch.results);
            for (mut write, result) in batch.writes.drain(..).zip(results) {
                write.answer(result);
            }
            for flushed in flushes.drain(..) {
                // Nobody may be waiting any more.
                let _ = flushed.send(());
            }
        }
    }
}

fn sort(messages: &mut Vec<Message>, batch: &mut Batch, flushes: &mut Vec<oneshot::Sender<()>>) {
    for message in messages.drain(..) {
        match message {
            Message::Write(write) => batch.writes.push(write),
            Message::Flush(flushed) => flushes.push(flushed),
            Message::Stop(flushed) => {
                batch.last = true;
                flushes.push(flushed);
            }
        }
    }
}
