//! The one wasmtime engine of the process.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::compile::Compiler;
use super::compile::cache::Cache;
use super::limits::{Guests, Sandboxed};
use super::settings::{MAX_MEMORY, code_config};

/// How often the epoch advances.
const TICK: Duration = Duration::from_millis(10);

/// Evaluations that can run at once. They are synchronous, so the worker
/// threads and the verifier are all there can be.
const SLOTS: u32 = 64;

/// Core instances and tables of one component. Python's, linked of many
/// libraries, has 38 and 2.
const MAX_INSTANCES: u32 = 64;
const MAX_TABLES: u32 = 8;

/// What stays mapped in a slot between evaluations, in bytes. A lean guest
/// fits whole, so that a fresh sandbox costs a memset and no page fault.
const KEEP_RESIDENT: usize = 256 << 10;

/// Compiles components and hands out sandboxes. Cheap to clone.
#[derive(Clone)]
pub struct PolicyEngine {
    pub(super) engine: Engine,
    pub(super) linker: Arc<Linker<Sandboxed>>,
    pub(super) compiler: Arc<Compiler>,
    pub(super) guests: Guests,
}

/// The engine could not be set up on this machine.
#[derive(Debug, thiserror::Error)]
#[error(
    "the WebAssembly engine could not start: {0:#}; it needs 64-bit address space without a limit (see `ulimit -v`)"
)]
pub struct EngineError(#[from] wasmtime::Error);

impl PolicyEngine {
    /// An engine that compiles on the calling thread, without bounds. For tests
    /// and measurements, which know what they compile.
    ///
    /// # Errors
    /// If the machine does not give the address space or the thread.
    pub fn new() -> Result<Self, EngineError> {
        Self::start(Compiler::here(), Guests::default())
    }

    /// An engine that compiles in child processes of this very binary, within
    /// bounds: for bytes that anybody may have made.
    ///
    /// # Errors
    /// If the machine does not give the address space or the thread.
    pub fn isolated(guests: Guests) -> Result<Self, EngineError> {
        Self::start(Compiler::isolated(None), guests)
    }

    /// The same, where the code of verified components is kept in `cache`.
    ///
    /// # Errors
    /// If the machine does not give the address space or the thread.
    pub fn with_cache(guests: Guests, cache: Cache) -> Result<Self, EngineError> {
        Self::start(Compiler::isolated(Some(cache)), guests)
    }

    /// The guests that it takes.
    #[must_use]
    pub fn guests(&self) -> Guests {
        self.guests
    }

    /// Sets the engine up and starts its clock, a thread that ends with it.
    fn start(compiler: Compiler, guests: Guests) -> Result<Self, EngineError> {
        let engine = Engine::new(&config())?;
        let weak = engine.weak();
        std::thread::Builder::new()
            .name("policy-epoch".into())
            .spawn(move || {
                while let Some(engine) = weak.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            })
            .map_err(wasmtime::Error::from)?;
        // Nothing is ever defined in it: a component may import types only.
        let linker = Arc::new(Linker::new(&engine));
        Ok(Self {
            engine,
            linker,
            compiler: Arc::new(compiler),
            guests,
        })
    }
}

/// How guests run: in a pool of sandboxes.
fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS)
        .total_core_instances(SLOTS * MAX_INSTANCES)
        .total_memories(SLOTS)
        .total_tables(SLOTS * MAX_TABLES)
        .max_core_instances_per_component(MAX_INSTANCES)
        .max_memories_per_component(1)
        .max_tables_per_component(MAX_TABLES)
        .max_memory_size(MAX_MEMORY)
        .table_elements(50_000)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(16 << 10)
        .max_unused_warm_slots(SLOTS);
    let mut config = code_config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}
