//! From a component's bytes to machine code.
//!
//! The compiler is the largest program that an author's bytes ever reach, so a
//! gateway runs it where it can hurt nothing: in a [`child`] process with limits
//! of its own, and keeps what comes out in an authenticated [`cache`].

pub mod cache;
mod child;
mod code;
mod inside;

use std::time::Instant;

use wasmtime::Engine;
use wasmtime::component::Component;

use super::limits::Bounds;
use crate::store::Digest;
use cache::Cache;
use child::Child;

pub use inside::{Task, work};

/// Why bytes did not become machine code.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// They are no valid component, or one that no sandbox has room for.
    #[error("this is not a valid component: {0}")]
    Invalid(String),
    /// A compile bomb: too slow.
    #[error(
        "compiling the component takes more than {} s; make its functions smaller, and build it in release mode", .0.as_secs()
    )]
    TooLong(std::time::Duration),
    /// A compile bomb: too much memory.
    #[error(
        "compiling the component takes more than {} MiB of memory; make its functions smaller, and build it in release mode", .0 >> 20
    )]
    TooMuchMemory(u64),
    /// A compile bomb: too much code.
    #[error(
        "the component compiles to more than {} MiB of machine code; make its functions smaller, and build it in release mode", .0 >> 20
    )]
    TooMuchCode(usize),
    /// Nothing about the component: the compiler could not be run to its end.
    #[error("the compiler did not finish: {0}; try again when the machine is less busy")]
    Unavailable(String),
}

/// Makes components of bytes.
pub(super) struct Compiler {
    place: Place,
    cache: Option<Cache>,
}

enum Place {
    /// This thread, without bounds.
    Here,
    /// A process of its own.
    Child(Child),
}

impl Compiler {
    /// Compiles on the calling thread, without bounds: for tests, which know
    /// what they compile.
    pub(super) fn here() -> Self {
        Self {
            place: Place::Here,
            cache: None,
        }
    }

    /// Compiles in child processes, unless `cache` has the code.
    pub(super) fn isolated(cache: Option<Cache>) -> Self {
        Self {
            place: Place::Child(Child::default()),
            cache,
        }
    }

    /// The component of `bytes`, whose digest is `digest`, as code of `engine`.
    /// Blocks, for seconds where the component is large.
    pub(super) fn component(
        &self,
        engine: &Engine,
        bytes: &[u8],
        digest: Digest,
        bounds: Bounds,
    ) -> Result<Component, CompileError> {
        if let Some(component) = self.kept(engine, digest) {
            tracing::debug!(%digest, "policy_code_from_cache");
            return Ok(component);
        }
        let started = Instant::now();
        let component = match &self.place {
            Place::Here => Component::from_binary(engine, bytes),
            Place::Child(child) => child.compile(bytes, bounds)?.load(engine),
        }
        .map_err(|error| CompileError::Invalid(format!("{error:#}")))?;
        let took_ms = started.elapsed().as_millis();
        tracing::debug!(%digest, took_ms, "policy_compiled");
        Ok(component)
    }

    /// Keeps the code of `component`, whose digest is `digest`.
    pub(super) fn keep(&self, engine: &Engine, digest: Digest, component: &Component) {
        if let Some(cache) = &self.cache {
            cache.keep(engine, digest, || component.serialize());
        }
    }

    /// What the cache has, where this machine can run it.
    fn kept(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let cache = self.cache.as_ref()?;
        let component = cache.read(engine, digest)?.load(engine);
        if component.is_err() {
            cache.refuse(engine, digest);
        }
        component.ok()
    }
}
