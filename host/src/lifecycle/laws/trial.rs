//! One component on trial.

use std::fmt;
use std::time::Duration;

use super::case::{Ask, Breach, Case};
use super::{Code, Reason};
use crate::lifecycle::spread::Spread;
use crate::policy::levers::Declared;
use crate::policy::limits::Limits;
use crate::policy::processor;
use crate::policy::{Component, Fault, Slot, Used};

/// The fuel that all evaluations of a trial may take together, in fuel that one
/// of them may take. It bounds the trial's work, the same on every machine.
const EVALUATIONS: u64 = 500;

/// Processor time that a trial may take. Fuel bounds it to seconds, but for instructions
/// that do much for little of it, such as filling a memory.
const PATIENCE: Duration = Duration::from_secs(120);

/// Nothing more can be learned of a component: there is a reason to reject it.
#[derive(Debug)]
pub(in crate::lifecycle) struct Stop;

/// What has been found so far.
pub(in crate::lifecycle) struct Trial<'a> {
    component: &'a Component,
    reasons: Vec<Reason>,
    fuel_left: u64,
    until: Duration,
    fuel: Vec<u64>,
    time_us: Vec<u64>,
    memory: usize,
}

/// What the evaluations of a good component took.
pub(in crate::lifecycle) struct Measured {
    /// How many questions were asked, each twice.
    pub(in crate::lifecycle) cases: u64,
    /// Fuel.
    pub(in crate::lifecycle) fuel: Spread,
    /// The most memory, in bytes.
    pub(in crate::lifecycle) memory: usize,
    /// Microseconds of processor time.
    pub(in crate::lifecycle) time_us: Spread,
}

impl<'a> Trial<'a> {
    /// Of a component within `limits`.
    pub(in crate::lifecycle) fn new(component: &'a Component, limits: Limits) -> Self {
        Self {
            component,
            reasons: Vec::new(),
            fuel_left: limits.fuel.saturating_mul(EVALUATIONS),
            until: processor::used() + PATIENCE,
            fuel: Vec::new(),
            time_us: Vec::new(),
            memory: 0,
        }
    }

    /// What was measured.
    ///
    /// # Errors
    /// With every law broken.
    pub(in crate::lifecycle) fn finish(self) -> Result<Measured, Vec<Reason>> {
        if !self.reasons.is_empty() {
            return Err(self.reasons);
        }
        Ok(Measured {
            cases: self.fuel.len() as u64,
            fuel: Spread::of(self.fuel),
            memory: self.memory,
            time_us: Spread::of(self.time_us),
        })
    }

    /// Tries the component on `case`.
    pub(super) fn examine(&mut self, case: &impl Case) -> Result<(), Stop> {
        let breaches = case.examine(self);
        self.note(case, &breaches)
    }

    /// Takes note of what `case` breaks: each law once, with its simplest case.
    pub(super) fn note(
        &mut self,
        case: &impl fmt::Display,
        breaches: &[Breach],
    ) -> Result<(), Stop> {
        for breach in breaches {
            let law = breach.law.map(str::to_owned);
            let input = case.to_string();
            let simplicity = |input: &str| (input.len(), input.to_owned());
            let reason = Reason {
                code: breach.code,
                law,
                input: Some(input),
                message: breach.message.clone(),
            };
            let known = self.reasons.iter_mut().find(|known| {
                (known.code, &known.law) == (reason.code, &reason.law) && known.input.is_some()
            });
            match known {
                None => self.reasons.push(reason),
                Some(known)
                    if reason.input.as_deref().map(simplicity)
                        < known.input.as_deref().map(simplicity) =>
                {
                    *known = reason;
                }
                Some(_) => {}
            }
        }
        match breaches.iter().any(|breach| breach.law.is_none()) {
            true => Err(Stop),
            false => Ok(()),
        }
    }

    /// Whether there is something like `breach` among what was noted.
    pub(super) fn knows(&self, breach: &Breach) -> bool {
        self.reasons
            .iter()
            .any(|known| (known.code, known.law.as_deref()) == (breach.code, breach.law))
    }

    /// Notes that the levers are not the slot's.
    pub(in crate::lifecycle) fn levers(&mut self, message: impl Into<String>) {
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

    /// Asks twice, each in a fresh sandbox; the one answer.
    pub(super) fn ask<Q: Ask>(&mut self, question: &Q) -> Result<Q::Answer, Breach> {
        let (answer, used) = self.once(question)?;
        let (again, used_again) = self.once(question)?;
        if answer != again || used != used_again {
            return Err(Breach::fatal(
                Code::Nondeterministic,
                "two fresh runs differ in answer, fuel or memory; a policy must depend on its arguments alone",
            ));
        }
        self.fuel.push(used.fuel);
        self.memory = self.memory.max(used.memory);
        Ok(answer)
    }

    /// Asks several questions of one instance and compares with `fresh`, the
    /// answers of fresh ones.
    pub(super) fn ask_together<T: PartialEq>(
        &mut self,
        fresh: &[T],
        call: impl Fn(&Component) -> Result<Vec<T>, Fault>,
    ) -> Result<(), Breach> {
        let message = match call(self.component) {
            Ok(answers) if answers == fresh => return Ok(()),
            Ok(_) => "asked again on one instance it answers otherwise than fresh; keep no state between calls".to_owned(),
            Err(fault) => format!("the second call on one instance fails ({fault}); keep no state between calls"),
        };
        Err(Breach::fatal(Code::Stateful, message))
    }

    fn once<Q: Ask>(&mut self, question: &Q) -> Result<(Q::Answer, Used), Breach> {
        let started = processor::used();
        if started > self.until {
            return Err(Breach::fatal(
                Code::Deadline,
                format!(
                    "its evaluations take more than {} s together; do less work for each call",
                    PATIENCE.as_secs()
                ),
            ));
        }
        let (answer, used) = question
            .ask(self.component)
            .map_err(|fault| Breach::fault(&fault))?;
        let elapsed = processor::used().saturating_sub(started).as_micros();
        self.time_us
            .push(u64::try_from(elapsed).unwrap_or(u64::MAX));
        self.fuel_left = self.fuel_left.checked_sub(used.fuel).ok_or_else(|| {
            Breach::fatal(
                Code::Fuel,
                format!("its evaluations take too much fuel together, {} for this one; do less work for each call", used.fuel),
            )
        })?;
        Ok((answer, used))
    }
}
