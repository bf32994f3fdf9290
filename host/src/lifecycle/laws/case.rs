//! What a component is asked, and what can be wrong with the answer.

use std::fmt;

use super::{Code, Trial};
use crate::policy::{Component, Fault, Used};

/// Something that a component is tried on. Its text is the input that an author
/// is shown: the shorter, the simpler.
pub(super) trait Case: fmt::Display {
    /// What the component breaks here.
    fn examine(&self, trial: &mut Trial<'_>) -> Vec<Breach>;
}

/// One question.
pub(super) trait Ask: fmt::Display {
    /// The answer, comparable.
    type Answer: PartialEq;

    /// Asks in a fresh sandbox.
    fn ask(&self, component: &Component) -> Result<(Self::Answer, Used), Fault>;
}

/// A question that can be asked several times of one instance.
pub(super) trait Together: Ask + Sized {
    /// Asks all of one instance, one after the other.
    fn together(questions: &[Self], component: &Component) -> Result<Vec<Self::Answer>, Fault>;
}

/// One thing that is wrong.
pub(super) struct Breach {
    pub(super) code: Code,
    /// None where there is no answer to judge: then nothing more can be learned.
    pub(super) law: Option<&'static str>,
    pub(super) message: String,
}

impl Breach {
    /// The answer breaks `law`.
    pub(super) fn of(law: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code: Code::Law,
            law: Some(law),
            message,
        }
    }

    /// There is no answer that could be judged.
    pub(super) fn fatal(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            law: None,
            message,
        }
    }

    /// The answer is not of the contract.
    pub(super) fn invalid(answer: &str) -> Self {
        let message = format!("the answer {answer} is not of the contract; see wit/policy.wit");
        Self::fatal(Code::InvalidAnswer, message)
    }

    pub(super) fn fault(fault: &Fault) -> Self {
        let code = match fault {
            Fault::Trap(_) => Code::Traps,
            Fault::Fuel(_) => Code::Fuel,
            Fault::Deadline => Code::Deadline,
            Fault::Memory(_) => Code::Memory,
            Fault::Answer(_) => Code::InvalidAnswer,
        };
        Self::fatal(code, fault.to_string())
    }

    /// Whether both are the same finding, on whatever input.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.code, self.law) == (other.code, other.law)
    }
}

/// Questions that are asked of one instance, one after the other. State that a
/// guest keeps between calls shows as answers other than those of fresh ones.
#[derive(Debug)]
pub(super) struct Sequence<Q>(pub(super) Vec<Q>);

impl<Q: Together> Case for Sequence<Q> {
    fn examine(&self, trial: &mut Trial<'_>) -> Vec<Breach> {
        let fresh: Result<Vec<_>, _> = self.0.iter().map(|question| trial.ask(question)).collect();
        match fresh {
            Ok(fresh) => {
                let stateful =
                    trial.ask_together(&fresh, |component| Q::together(&self.0, component));
                stateful.err().into_iter().collect()
            }
            Err(breach) => vec![breach],
        }
    }
}

impl<Q: fmt::Display> fmt::Display for Sequence<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, question) in self.0.iter().enumerate() {
            let before = if index == 0 { "" } else { "; then " };
            write!(f, "{before}{question}")?;
        }
        Ok(())
    }
}
