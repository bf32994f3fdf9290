//! One component on trial.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::policy::levers::Declared;
use crate::policy::{Component, Fault, Slot, Used};

/// The fuel that all evaluations of a trial may take together: about a second.
/// It bounds the trial in time, the same on every machine.
const TOTAL_FUEL: u64 = 1_000_000_000;

/// How often an evaluation that missed its wall-clock deadline is tried: fuel
/// bounds it to milliseconds, so only a stalled machine misses it.
const PATIENCE: usize = 5;

/// Why a component is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The kind.
    pub code: Code,
    /// The law that it breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// The first input that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $word:literal,)*) => {
        /// The kind of law that is broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $variant,)* }

        #[cfg(test)]
        const CODES: &[Code] = &[$(Code::$variant,)*];

        impl Code {
            /// The word for it in the API and the audit.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

codes! {
    /// The bytes are none, or not a valid one.
    NotAComponent "not_a_component",
    /// Larger than may be.
    TooLarge "too_large",
    /// Compiling it takes more time, memory or code than it may.
    CompileBomb "compile_bomb",
    /// The compiler could not be run to its end: nothing is known of it.
    Compiler "compiler_unavailable",
    /// It imports something.
    Imports "imports",
    /// It does not export exactly one slot's world.
    WrongWorld "wrong_world",
    /// It traps.
    Traps "traps",
    /// It takes too much fuel.
    Fuel "fuel",
    /// It runs past the wall-clock backstop.
    Deadline "deadline",
    /// It takes too much memory.
    Memory "memory",
    /// It answers what the contract does not know.
    InvalidAnswer "invalid_answer",
    /// The same question has two answers, or takes two amounts of fuel.
    Nondeterministic "nondeterministic",
    /// A call changes the answer to the next one.
    Stateful "stateful",
    /// A lever is missing, out of range, or unknown to the slot.
    Levers "levers",
    /// It breaks a law of its slot.
    Law "law",
}

/// A finding after which nothing more can be learned.
#[derive(Debug)]
pub(in crate::lifecycle) struct Stop(pub(in crate::lifecycle) Reason);

/// What has been found so far.
pub(in crate::lifecycle) struct Trial<'a> {
    component: &'a Component,
    reasons: Vec<Reason>,
    /// The most fuel that one evaluation took.
    pub(in crate::lifecycle) max_fuel: u64,
    total_fuel: u64,
    /// How many questions were asked.
    pub(in crate::lifecycle) cases: u64,
}

impl<'a> Trial<'a> {
    pub(in crate::lifecycle) fn new(component: &'a Component) -> Self {
        Self {
            component,
            reasons: Vec::new(),
            max_fuel: 0,
            total_fuel: 0,
            cases: 0,
        }
    }

    /// The laws broken.
    pub(in crate::lifecycle) fn reasons(self) -> Vec<Reason> {
        self.reasons
    }

    /// Asks twice, each in a fresh sandbox; the one answer.
    pub(in crate::lifecycle) fn ask<T: PartialEq>(
        &mut self,
        input: &dyn Fn() -> String,
        call: impl Fn(&Component) -> Result<(T, Used), Fault>,
    ) -> Result<T, Stop> {
        let (answer, used) = self.once(input, &call)?;
        let (again, used_again) = self.once(input, &call)?;
        self.cases += 1;
        self.max_fuel = self.max_fuel.max(used.fuel);
        if answer != again || used != used_again {
            return Err(stop(
                Code::Nondeterministic,
                input(),
                "two fresh runs differ in answer, fuel or memory; a policy must depend on its arguments alone".to_owned(),
            ));
        }
        Ok(answer)
    }

    /// Asks several questions of one instance and compares with `fresh`, the
    /// answers of fresh ones.
    pub(super) fn ask_together<T: PartialEq>(
        &mut self,
        input: &dyn Fn() -> String,
        fresh: &[T],
        call: impl Fn(&Component) -> Result<Vec<T>, Fault>,
    ) -> Result<(), Stop> {
        let stateful = |message: String| Err(stop(Code::Stateful, input(), message));
        match self.retried(&call) {
            Ok(answers) if answers == fresh => Ok(()),
            Ok(_) => stateful("called twice on one instance it answers otherwise than fresh; keep no state between calls".to_owned()),
            Err(fault) => stateful(format!("the second call on one instance fails ({fault}); keep no state between calls")),
        }
    }

    /// The end: `answer` is not of the contract.
    pub(super) fn invalid(input: &dyn Fn() -> String, answer: &str) -> Stop {
        stop(
            Code::InvalidAnswer,
            input(),
            format!("the answer {answer} is not of the contract; see wit/policy.wit"),
        )
    }

    /// Notes that `law` does not hold for `input`, once for each law.
    pub(super) fn broken(
        &mut self,
        law: &str,
        input: &dyn Fn() -> String,
        message: impl Into<String>,
    ) {
        if self
            .reasons
            .iter()
            .all(|reason| reason.law.as_deref() != Some(law))
        {
            let message = message.into();
            self.reasons.push(Reason {
                code: Code::Law,
                law: Some(law.to_owned()),
                input: Some(input()),
                message,
            });
        }
    }

    /// Notes that the levers are not the slot's.
    pub(super) fn levers(&mut self, message: impl Into<String>) {
        self.reasons.push(Reason {
            code: Code::Levers,
            law: None,
            input: None,
            message: message.into(),
        });
    }

    /// Takes note of every declared lever but these `two`: nothing could show
    /// it to be true.
    pub(super) fn other_levers(&mut self, declared: &Declared, slot: Slot, two: [&str; 2]) {
        let [one, other] = two;
        for name in declared.levers.keys() {
            if !two.contains(&name.as_str()) {
                self.levers(format!(
                    "lever `{name}` cannot be verified: a {slot} has `{one}` and `{other}` alone"
                ));
            }
        }
    }

    fn once<T>(
        &mut self,
        input: &dyn Fn() -> String,
        call: &impl Fn(&Component) -> Result<(T, Used), Fault>,
    ) -> Result<(T, Used), Stop> {
        let (answer, used) = self
            .retried(call)
            .map_err(|fault| stop(code(&fault), input(), fault.to_string()))?;
        self.total_fuel += used.fuel;
        if self.total_fuel > TOTAL_FUEL {
            let message = format!(
                "the evaluations of the verification take more than {TOTAL_FUEL} fuel together; do less work for each call"
            );
            return Err(stop(Code::Fuel, input(), message));
        }
        Ok((answer, used))
    }

    fn retried<T>(&self, call: &impl Fn(&Component) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut left = PATIENCE;
        loop {
            left -= 1;
            match call(self.component) {
                Err(Fault::Deadline) if left > 0 => {}
                result => return result,
            }
        }
    }
}

fn stop(code: Code, input: String, message: String) -> Stop {
    Stop(Reason {
        code,
        law: None,
        input: Some(input),
        message,
    })
}

fn code(fault: &Fault) -> Code {
    match fault {
        Fault::Trap(_) => Code::Traps,
        Fault::Fuel(_) => Code::Fuel,
        Fault::Deadline => Code::Deadline,
        Fault::Memory(_) => Code::Memory,
        Fault::Answer(_) => Code::InvalidAnswer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_as_they_are_named() {
        for code in CODES {
            assert_eq!(serde_json::json!(code), code.as_str());
        }
    }
}
