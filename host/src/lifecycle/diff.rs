//! Two components of one slot, compared over the whole grid: what the one
//! answers and the other does not.

use std::ops::ControlFlow;

use serde::Serialize;
use utoipa::ToSchema;

use super::evaluate::{Answer, Question, Unanswered, evaluate};
use super::questions::{declared, questions};
use super::report::{LeverChange, levers};
use crate::policy::{Component, Slot};
use crate::store::Digest;

/// Differences that are shown; all are counted.
const SHOWN: usize = 20;

/// How two components differ.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ComponentDiff)]
pub struct Diff {
    /// The slot that both fill.
    pub slot: Slot,
    /// The first.
    pub a: Digest,
    /// The second.
    pub b: Digest,
    /// The levers that differ; `before` is the first component's.
    pub levers: Vec<LeverChange>,
    /// Questions put to both.
    pub asked: u64,
    /// Questions that they answer differently.
    pub different: u64,
    /// The first of those, at most 20.
    pub examples: Vec<Difference>,
}

/// A question with two answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ComponentDifference)]
pub struct Difference {
    /// The question.
    pub question: Question,
    /// The first component's answer.
    pub a: Said,
    /// The second component's.
    pub b: Said,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// An answer.
    Answer(Answer),
    /// None: why.
    Fault(String),
}

/// Why two components cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// They fill different slots.
    #[error("the first is a {a}, the second a {b}; compare components of one slot")]
    Slots {
        /// The first one's.
        a: Slot,
        /// The second one's.
        b: Slot,
    },
    /// One does not say what it is, or lists.
    #[error("one of the components does not describe itself: {0}")]
    Silent(#[from] Unanswered),
    /// The caller's patience ended.
    #[error(
        "the comparison took too long and was stopped after {asked} questions; compare the files with `ainfera plugin diff`"
    )]
    Stopped {
        /// Questions put to both until then.
        asked: u64,
    },
}

/// Asks `a` and `b` everything on the grid. `progress` hears how many of how
/// many questions are done, and may end it. Thousands of evaluations: keep it off request
/// paths.
///
/// # Errors
/// If they fill different slots, one does not describe itself, or it was ended.
pub fn compare(
    a: &Component,
    b: &Component,
    mut progress: impl FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Diff, DiffError> {
    if a.slot() != b.slot() {
        return Err(DiffError::Slots {
            a: a.slot(),
            b: b.slot(),
        });
    }
    let levers = levers(a.slot(), &declared(a)?, &declared(b)?);
    // What either lists or declares is asked of both.
    let questions = questions(a.slot(), &[a, b])?;
    let mut diff = Diff {
        slot: a.slot(),
        a: a.digest(),
        b: b.digest(),
        levers,
        asked: questions.len() as u64,
        different: 0,
        examples: Vec::new(),
    };
    for (done, question) in questions.into_iter().enumerate() {
        let asked = done as u64;
        if progress(asked, diff.asked).is_break() {
            return Err(DiffError::Stopped { asked });
        }
        let (a, b) = (said(a, &question), said(b, &question));
        if a == b {
            continue;
        }
        diff.different += 1;
        if diff.examples.len() < SHOWN {
            diff.examples.push(Difference { question, a, b });
        }
    }
    Ok(diff)
}

fn said(component: &Component, question: &Question) -> Said {
    match evaluate(component, question) {
        Ok(answered) => Said::Answer(answered.answer),
        Err(error) => Said::Fault(error.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::policy::PolicyEngine;

    const DIAL: &[u8] = include_bytes!("../../../plugins/dist/preference-dial.wasm");
    const STEEP: &[u8] = include_bytes!("../../../plugins/dist/preference-dial-steep.wasm");
    const CLAMP: &[u8] = include_bytes!("../../../plugins/dist/floor-clamp.wasm");
    const RESOLVER: &[u8] = include_bytes!("../../../plugins/dist/alias-resolver.wasm");

    fn diff(a: &[u8], b: &[u8]) -> Result<Diff, DiffError> {
        let engine = PolicyEngine::new().unwrap();
        let component = |bytes| Component::load(&engine, bytes).unwrap();
        compare(&component(a), &component(b), |_, _| {
            ControlFlow::Continue(())
        })
    }

    #[test]
    fn a_component_does_not_differ_from_itself() {
        for bytes in [DIAL, CLAMP, RESOLVER] {
            let diff = diff(bytes, bytes).unwrap();
            assert!(diff.asked > 100, "{diff:?}");
            assert_eq!((diff.different, diff.levers.len()), (0, 0), "{diff:?}");
        }
    }

    #[test]
    fn every_difference_is_counted_and_the_first_are_shown() {
        let diff = diff(DIAL, STEEP).unwrap();
        assert_eq!(diff.levers.len(), 2, "{diff:?}");
        // Both words with the gate open, on every base.
        assert_eq!(
            diff.different,
            2 * crate::lifecycle::grid::bases().len() as u64
        );
        assert_eq!(diff.examples.len(), SHOWN);
        assert!(diff.examples.iter().all(|example| example.a != example.b));
        let first = serde_json::to_string(&diff.examples.first()).unwrap();
        assert!(first.contains(r#""a":{"answer":"0"#), "{first}");
    }

    #[test]
    fn a_comparison_ends_when_its_caller_has_had_enough() {
        let engine = PolicyEngine::new().unwrap();
        let dial = Component::load(&engine, DIAL).unwrap();
        let three = |done, _| match done < 3 {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        };
        let error = compare(&dial, &dial, three).unwrap_err();
        assert!(matches!(error, DiffError::Stopped { asked: 3 }), "{error}");
    }

    #[test]
    fn components_of_two_slots_are_not_compared() {
        let error = diff(DIAL, CLAMP).unwrap_err();
        assert!(error.to_string().contains("compare components of one slot"));
    }
}
