//! One evaluation: a fresh store, its limits, and what breaking them means.

use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{Store, Trap, UpdateDeadline};

use super::engine::PolicyEngine;
use super::limits::{Limits, Sandboxed, Used};
use super::processor;

/// Epoch ticks (10 ms each) after which it is asked how long an evaluation lasts: a
/// backstop for what fuel does not see.
const TICKS: u64 = 20;

/// Processor time that an evaluation may take from the first time it is asked on.
/// Not time that passes, because a busy machine may stop a thread for long.
const MOST_TIME: Duration = Duration::from_millis(200);

/// The most bytes that an answer may have, copied out of the guest. Its texts may
/// all be the same ones, so that its memory doesn't bound what the host copies.
const MOST_ANSWER: usize = 1 << 20;

/// A component's answer that cannot be used, or its failure to give one.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Fault {
    /// It trapped.
    #[error("the component trapped: {0}; remove the panic, overflow or out-of-bounds access")]
    Trap(String),
    /// It used up its fuel.
    #[error(
        "the component used up its fuel of {0}; remove the loop, or do less work for each call"
    )]
    Fuel(u64),
    /// It ran past the backstop of processor time.
    #[error("the component ran past its deadline; do less work for each call")]
    Deadline,
    /// It asked for more memory than it may have.
    #[error(
        "the component wants more than its {0} bytes of memory; build it with a smaller fixed memory"
    )]
    Memory(usize),
    /// Its answer breaks the contract.
    #[error("the component's answer breaks the contract: {0}")]
    Answer(String),
}

impl Fault {
    /// What kinds there are, in words.
    pub const KINDS: [&str; 5] = ["trap", "fuel", "deadline", "memory", "answer"];

    /// Its place in [`Self::KINDS`].
    #[must_use]
    pub fn kind(&self) -> usize {
        match self {
            Self::Trap(_) => 0,
            Self::Fuel(_) => 1,
            Self::Deadline => 2,
            Self::Memory(_) => 3,
            Self::Answer(_) => 4,
        }
    }

    /// Whether this may count towards rolling a set back. A missed deadline
    /// alone must not: how long an instruction takes depends on the machine, too.
    #[must_use]
    pub fn counts(&self) -> bool {
        !matches!(self, Self::Deadline)
    }
}

/// A fresh store with `limits`, in which nothing has run.
pub(super) fn store(engine: &PolicyEngine, limits: Limits) -> Store<Sandboxed> {
    let mut store = Store::new(
        &engine.engine,
        Sandboxed {
            memory: limits.memory,
            taken: 0,
            denied: false,
            since: None,
        },
    );
    store.limiter(|state| state);
    store.set_epoch_deadline(TICKS);
    store.epoch_deadline_callback(|mut store| {
        let used = processor::used();
        let since = *store.data_mut().since.get_or_insert(used);
        if used.saturating_sub(since) > MOST_TIME {
            return Ok(UpdateDeadline::Interrupt);
        }
        Ok(UpdateDeadline::Continue(TICKS))
    });
    store.set_hostcall_fuel(MOST_ANSWER);
    // Only fails where fuel is not configured; then the guest has none.
    let _ = store.set_fuel(limits.fuel);
    store
}

/// The linker of all sandboxes, which gives nothing.
pub(super) fn linker(engine: &PolicyEngine) -> &Linker<Sandboxed> {
    &engine.linker
}

/// What was used so far in `store`, which began with `limits`.
pub(super) fn used(store: &Store<Sandboxed>, limits: Limits) -> Used {
    Used {
        fuel: limits.fuel.saturating_sub(store.get_fuel().unwrap_or(0)),
        memory: store.data().taken,
    }
}

/// What `error`, which ended an evaluation in `store`, was.
pub(super) fn fault(store: &Store<Sandboxed>, limits: Limits, error: &wasmtime::Error) -> Fault {
    if store.data().denied {
        return Fault::Memory(limits.memory);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Fault::Fuel(limits.fuel),
        Some(Trap::Interrupt) => Fault::Deadline,
        Some(trap) => Fault::Trap(trap.to_string()),
        // Not a trap: the answer could not be lifted (invalid UTF-8, a bad
        // discriminant, a pointer out of bounds), or no slot of the pool fits.
        None => Fault::Answer(error.root_cause().to_string()),
    }
}
