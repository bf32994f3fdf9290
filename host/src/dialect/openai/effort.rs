//! How much a model is asked to think.

use serde::{Deserialize, Serialize};

use crate::dialect::common::{Effort, Thinking};

/// How much a model thinks, by OpenAI's names, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningEffort {
    /// It answers at once.
    None,
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// As most do.
    Medium,
    /// Much.
    High,
    /// As much as it can.
    Xhigh,
}

/// The effort among `known` that comes nearest: the next above, else the most.
/// A model that can't but think is told to think as little as it can.
pub(super) fn nearest(thinking: Thinking, known: &[ReasoningEffort]) -> Option<ReasoningEffort> {
    let wanted = match thinking {
        Thinking::Off => return known.iter().min().copied(),
        Thinking::On(None) => ReasoningEffort::Medium,
        Thinking::On(Some(effort)) => effort.into(),
    };
    let efforts = || {
        let efforts = known.iter().copied();
        efforts.filter(|effort| *effort != ReasoningEffort::None)
    };
    efforts()
        .filter(|effort| *effort >= wanted)
        .min()
        .or_else(|| efforts().max())
}

impl From<Effort> for ReasoningEffort {
    fn from(effort: Effort) -> Self {
        match effort {
            Effort::Minimal => Self::Minimal,
            Effort::Low => Self::Low,
            Effort::Medium => Self::Medium,
            Effort::High => Self::High,
            Effort::Max => Self::Xhigh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ReasoningEffort::{High, Low, Medium, Minimal, None, Xhigh};
    use super::*;

    #[test]
    fn the_nearest_effort_is_asked_for() {
        let on = |effort| Thinking::On(Some(effort));
        let all = [None, Minimal, Low, Medium, High, Xhigh];
        let some = [None, Low, Medium, High];
        for (thinking, known, nearest_is) in [
            (on(Effort::Minimal), &all[..], Some(Minimal)),
            (on(Effort::Max), &all, Some(Xhigh)),
            (Thinking::On(Option::None), &all, Some(Medium)),
            (Thinking::Off, &all, Some(None)),
            (on(Effort::Minimal), &some, Some(Low)),
            (on(Effort::Max), &some, Some(High)),
            (on(Effort::Low), &[None, High], Some(High)),
            (Thinking::Off, &[Low, High], Some(Low)),
            (on(Effort::High), &[None], Option::None),
            (Thinking::Off, &[], Option::None),
        ] {
            assert_eq!(nearest(thinking, known), nearest_is, "{thinking:?}");
        }
    }
}
