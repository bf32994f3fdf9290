//! What one evaluation may use.

use wasmtime::ResourceLimiter;

/// Limits of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions, roughly: wasmtime's fuel.
    pub fuel: u64,
    /// Linear memory, in bytes.
    pub memory: usize,
}

impl Limits {
    /// What a component gets before its own use is known, and at most.
    /// 5 million instructions are some 5 ms; a lean guest uses hundreds.
    pub const MOST: Self = Self {
        fuel: 5_000_000,
        memory: 2 << 20,
    };
}

/// What one evaluation used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Instructions, roughly: wasmtime's fuel.
    pub fuel: u64,
    /// Linear memory at its end, in bytes: it never shrinks.
    pub memory: usize,
}

/// What a store carries: the memory it may have, the memory it has, and whether
/// more was asked.
pub struct Sandboxed {
    pub(super) memory: usize,
    pub(super) taken: usize,
    pub(super) denied: bool,
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
