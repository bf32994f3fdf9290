//! Follows one chain event by event, and says what was done to it where it
//! breaks.
//!
//! At a break the true link before it is known. So the true next event shows
//! wherever it stands, by continuing from that link; what follows tells the
//! rest.

use std::collections::VecDeque;

use super::anchors::Anchors;
use super::fault::Fault;
use crate::record::audit::{Head, link};
use crate::store::Digest;

/// How many links back an inserted event is recognized that was linked well.
const RECENT: usize = 256;

/// An event, by what its link is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) seq: i64,
    pub(super) digest: Digest,
    /// As stored.
    pub(super) link: Digest,
}

/// Where a chain is broken.
#[derive(Debug)]
struct Break {
    /// The true head before it.
    head: Head,
    /// The event that does not continue from that.
    event: Link,
    /// The first event that is touched.
    seq: i64,
    fault: Fault,
    /// Whether later events can say nothing more.
    sure: bool,
}

/// A chain that is being followed.
#[derive(Debug)]
pub(super) struct Follow {
    chain: i64,
    /// The true head, up to the break.
    head: Head,
    /// The heads before it, the latest first.
    recent: VecDeque<Head>,
    /// The event before, as stored.
    last: Head,
    broken: Option<Break>,
}

impl Follow {
    /// From `head` on, which is believed.
    pub(super) fn new(chain: i64, head: Head) -> Self {
        Self {
            chain,
            head,
            recent: VecDeque::with_capacity(RECENT),
            last: head,
            broken: None,
        }
    }

    /// The last event as stored.
    pub(super) fn last(&self) -> Head {
        self.last
    }

    /// Whether it verified so far.
    pub(super) fn is_whole(&self) -> bool {
        self.broken.is_none()
    }

    /// What is wrong, and where.
    pub(super) fn fault(self) -> Option<(i64, Fault)> {
        self.broken.map(|broken| (broken.seq, broken.fault))
    }

    /// The next event as stored.
    pub(super) fn event(&mut self, event: Link, anchors: &Anchors) {
        match &mut self.broken {
            Some(broken) if broken.sure => {}
            Some(broken) => broken.learn(event, self.last, self.chain, anchors),
            None => self.broken = self.step(event, anchors),
        }
        self.last = Head {
            seq: event.seq,
            link: event.link,
        };
    }

    fn step(&mut self, event: Link, anchors: &Anchors) -> Option<Break> {
        let next = self.head.after(event.digest);
        let fault = |seq, fault, sure| {
            let head = self.head;
            let broken = Break {
                head,
                event,
                seq,
                fault,
                sure,
            };
            Some(broken)
        };
        if event.seq < next.seq {
            return fault(event.seq, Fault::Inserted { to: event.seq }, true);
        }
        let continues = next.link == event.link;
        if event.seq > next.seq {
            let from = next.seq;
            return if continues {
                fault(event.seq, Fault::Moved { from }, true)
            } else {
                let to = event.seq - 1;
                fault(from, Fault::Removed { to }, true)
            };
        }
        if continues {
            if let Some(by) = anchors.against(self.chain, next) {
                return fault(event.seq, Fault::Rewritten { by }, true);
            }
            self.recent.truncate(RECENT - 1);
            self.recent.push_front(self.head);
            self.head = next;
            return None;
        }
        // Does it continue an earlier one? Then what is between is not the chain's.
        let older = self
            .recent
            .iter()
            .find(|head| link(head.link, event.digest) == event.link);
        match older {
            Some(head) => fault(head.seq + 1, Fault::Inserted { to: self.head.seq }, true),
            None => fault(event.seq, Fault::Changed, false),
        }
    }
}

impl Break {
    /// What a later event says of the break. `before` is the one before it.
    fn learn(&mut self, later: Link, before: Head, chain: i64, anchors: &Anchors) {
        let Self { head, event, .. } = *self;
        if before.seq == event.seq {
            let computed = link(head.link, event.digest);
            if link(computed, later.digest) == later.link {
                return self.settle(Fault::LinkChanged);
            }
        }
        // Here is the true next one.
        if link(head.link, later.digest) == later.link {
            let before = if before.seq == event.seq {
                later.link
            } else {
                before.link
            };
            return self.settle(if link(before, event.digest) == event.link {
                Fault::Swapped { with: later.seq }
            } else {
                Fault::Inserted { to: later.seq - 1 }
            });
        }
        // Only the bodies changed places.
        if link(head.link, later.digest) == event.link {
            return self.settle(Fault::Swapped { with: later.seq });
        }
        if let Some(seq) = anchors.place(chain, later.link) {
            let count = seq - later.seq;
            if count > 0 {
                self.settle(Fault::RemovedAndRenumbered { count });
            } else if count < 0 {
                let to = self.seq - count - 1;
                self.settle(Fault::Inserted { to });
            }
        }
    }

    fn settle(&mut self, fault: Fault) {
        self.fault = fault;
        self.sure = true;
    }
}
