//! One function of a component, called in a sandbox of its own.

use wasmtime::Store;
use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Lower, TypedFunc,
};

use super::engine::PolicyEngine;
use super::limits::{Limits, Sandboxed, Used};
use super::sandbox::{self, Fault};

/// Answers, one for each input, and what they used together.
pub(super) type Answers<T> = Result<(Vec<T>, Used), Fault>;

/// A function of a component, ready to be called.
///
/// It is held by index: an evaluation looks up the one function that it calls,
/// where generated bindings would look up all of a world.
pub(super) struct Call<'a> {
    pub(super) engine: &'a PolicyEngine,
    pub(super) pre: &'a InstancePre<Sandboxed>,
    pub(super) function: &'a ComponentExportIndex,
    pub(super) limits: Limits,
}

impl Call<'_> {
    /// One call in a fresh sandbox; with what it used.
    pub(super) fn once<P, R>(&self, input: P) -> Result<(R, Used), Fault>
    where
        P: ComponentNamedList + Lower,
        R: Lift + 'static,
        (R,): ComponentNamedList + Lift,
    {
        self.sandboxed(|store, function: &TypedFunc<P, (R,)>| function.call(store, input))
            .map(|((answer,), used)| (answer, used))
    }

    /// A call for each input, one after the other in one sandbox: state that a
    /// guest keeps between calls shows as answers that differ.
    pub(super) fn each<P, R>(&self, inputs: impl Iterator<Item = P>) -> Answers<R>
    where
        P: ComponentNamedList + Lower,
        R: Lift + 'static,
        (R,): ComponentNamedList + Lift,
    {
        self.sandboxed(|store, function: &TypedFunc<P, (R,)>| {
            inputs
                .map(|input| function.call(&mut *store, input).map(|(answer,)| answer))
                .collect()
        })
    }

    fn sandboxed<P, R, T>(
        &self,
        calls: impl FnOnce(&mut Store<Sandboxed>, &TypedFunc<P, R>) -> wasmtime::Result<T>,
    ) -> Result<(T, Used), Fault>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let mut store = sandbox::store(self.engine, self.limits);
        let done = self.pre.instantiate(&mut store).and_then(|instance| {
            let function = instance.get_typed_func::<P, R>(&mut store, self.function)?;
            calls(&mut store, &function)
        });
        match done {
            Ok(answer) => Ok((answer, sandbox::used(&store, self.limits))),
            Err(error) => Err(sandbox::fault(&store, self.limits, &error)),
        }
    }
}
