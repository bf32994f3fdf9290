//! What a component may be, and what one evaluation of it may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use super::settings::MAX_MEMORY;

/// Limits of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions, roughly: wasmtime's fuel.
    pub fuel: u64,
    /// Linear memory, in bytes.
    pub memory: usize,
}

/// What compiling one component may take of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Processor time.
    pub time: Duration,
    /// Memory, in bytes.
    pub memory: u64,
    /// The machine code that comes out, in bytes.
    pub code: usize,
    /// Whether that is made better than it comes: an interpreter runs a quarter
    /// faster for it, and takes a quarter longer to compile.
    pub optimized: bool,
}

/// A class of guests: how large a component of it may be, and what it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// The most bytes.
    pub bytes: usize,
    /// What an evaluation gets before its own use is known, and at most.
    pub limits: Limits,
    /// What compiling it may take.
    pub compile: Bounds,
}

/// The guests that an engine takes: lean ones, and interpreted ones where the
/// operator lets them in. A component's size says which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guests {
    /// Guests that bring an interpreter; none are taken where it is none.
    pub interpreted: Option<Class>,
}

impl Class {
    /// Guests that are compiled to WebAssembly themselves. 5 million
    /// instructions are some 5 ms; a lean guest uses hundreds.
    pub const LEAN: Self = Self {
        bytes: 1 << 20,
        limits: Limits {
            fuel: 5_000_000,
            memory: 2 << 20,
        },
        compile: Bounds {
            time: Duration::from_secs(10),
            memory: 768 << 20,
            code: 64 << 20,
            optimized: true,
        },
    };

    /// Guests that bring an interpreter with them: JavaScript, Python.
    pub const INTERPRETED: Self = Self {
        bytes: 32 << 20,
        limits: Limits {
            fuel: 100_000_000,
            memory: MAX_MEMORY,
        },
        compile: Bounds {
            time: Duration::from_secs(60),
            memory: 2 << 30,
            code: 512 << 20,
            optimized: false,
        },
    };
}

impl Guests {
    /// The class of a component of `bytes` bytes; none where it is too large.
    #[must_use]
    pub fn class(&self, bytes: usize) -> Option<Class> {
        [Some(Class::LEAN), self.interpreted]
            .into_iter()
            .flatten()
            .find(|class| bytes <= class.bytes)
    }

    /// The most bytes of any component.
    #[must_use]
    pub fn most_bytes(&self) -> usize {
        let interpreted = self.interpreted.map_or(0, |class| class.bytes);
        Class::LEAN.bytes.max(interpreted)
    }
}

impl Default for Guests {
    fn default() -> Self {
        Self {
            interpreted: Some(Class::INTERPRETED),
        }
    }
}

/// What one evaluation used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Instructions, roughly: wasmtime's fuel.
    pub fuel: u64,
    /// Linear memory at its end, in bytes: it never shrinks.
    pub memory: usize,
}

/// What a store carries: the memory it may have, the memory it has, whether more
/// was asked, and where its thread's use of the processor is counted from.
pub struct Sandboxed {
    pub(super) memory: usize,
    pub(super) taken: usize,
    pub(super) denied: bool,
    pub(super) since: Option<Duration>,
}

impl ResourceLimiter for Sandboxed {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.memory {
            self.denied = true;
            // An error, not `false`: a guest may not go on with less.
            return Err(wasmtime::Error::msg("memory limit"));
        }
        self.taken = self.taken.max(desired);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= 50_000)
    }
}
