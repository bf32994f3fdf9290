//! The choice: a pure function of catalog version, eligibility mask, floor,
//! caps, lists and request shape.
//!
//! Cheapest first among what clears the floor; no weights, no learning. Order:
//! estimate, quality descending, offer id.

mod mask;
mod recorded;

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

pub use mask::{BadMask, Mask};
pub use recorded::{Recorded, read, recorded};

use crate::catalog::{Catalog, NanoUsd, Offer, estimate, estimated_input};
use crate::dialect::Shape;
use crate::policy::Floor;

/// What a call asks for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The least quality.
    pub floor: Floor,
    /// What the call needs.
    pub shape: &'a Shape,
    /// The most that the call may be estimated to cost.
    pub max_cost: Option<NanoUsd>,
    /// The only providers to use, where there is a list.
    pub allow: Option<&'a [String]>,
    /// Providers not to use.
    pub deny: Option<&'a [String]>,
}

/// An offer that can serve the call, floor and caps apart.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The offer.
    pub offer: Arc<Offer>,
    /// What the call is estimated to cost there.
    pub estimate: NanoUsd,
}

/// Why nothing was chosen: the filter that left nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// No offer is active with a key configured.
    NoOffers,
    /// The hint's provider lists.
    Lists,
    /// Tools, images, thinking, context or output length.
    Capability,
    /// The floor.
    Floor,
    /// The cost cap.
    Cost,
}

impl RejectReason {
    /// Its name in the records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoOffers => "no_offers",
            Self::Lists => "lists",
            Self::Capability => "capability",
            Self::Floor => "floor",
            Self::Cost => "cost",
        }
    }
}

/// Nothing clears what the call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCandidate {
    /// The filter that left nothing.
    pub reason: RejectReason,
    /// The offer that came nearest, with its quality and estimate.
    pub nearest: Option<Nearest>,
}

/// The offer that came nearest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Nearest {
    /// Its id.
    pub offer: String,
    /// Its quality.
    pub quality: String,
    /// What the call is estimated to cost there, in nano-dollars.
    pub estimate_nanousd: NanoUsd,
}

/// What came of a choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Every offer that can serve the call, before floor and cost: what a
    /// replay with another floor needs.
    pub candidates: Vec<Candidate>,
    /// The offers to try, the first first; or why there are none.
    pub order: Result<Vec<Candidate>, NoCandidate>,
}

/// What an offer is ordered by.
pub trait Ranked {
    /// The offer's id.
    fn offer(&self) -> &str;
    /// Its quality.
    fn quality(&self) -> Decimal;
    /// What the call is estimated to cost there.
    fn estimate(&self) -> NanoUsd;
}

impl Ranked for Candidate {
    fn offer(&self) -> &str {
        &self.offer.id
    }

    fn quality(&self) -> Decimal {
        self.offer.quality.get()
    }

    fn estimate(&self) -> NanoUsd {
        self.estimate
    }
}

/// Chooses among the offers of `catalog` that `mask` has.
#[must_use]
pub fn decide(catalog: &Catalog, mask: &Mask, ask: &Ask<'_>) -> Choice {
    let eligible = || {
        catalog
            .offers
            .iter()
            .enumerate()
            .filter(|(index, _)| mask.has(*index))
            .map(|(_, offer)| offer)
    };
    let listed: Vec<&Arc<Offer>> = eligible().filter(|offer| on_lists(offer, ask)).collect();
    let candidates: Vec<Candidate> = listed
        .iter()
        .filter(|offer| able(offer, ask.shape))
        .map(|offer| Candidate {
            offer: Arc::clone(offer),
            estimate: estimate(offer, ask.shape),
        })
        .collect();
    let nobody = |reason| {
        Err(NoCandidate {
            reason,
            nearest: None,
        })
    };
    let order = if eligible().next().is_none() {
        nobody(RejectReason::NoOffers)
    } else if listed.is_empty() {
        nobody(RejectReason::Lists)
    } else if candidates.is_empty() {
        nobody(RejectReason::Capability)
    } else {
        order(&candidates, ask.floor, ask.max_cost)
    };
    Choice { candidates, order }
}

/// Those of `candidates` to try, the first first: what clears `floor`, the
/// cheapest first, at most `max_cost`.
///
/// # Errors
/// If none is left: which of the two filters left nothing.
pub fn order<C: Ranked + Clone>(
    candidates: &[C],
    floor: Floor,
    max_cost: Option<NanoUsd>,
) -> Result<Vec<C>, NoCandidate> {
    let reject = |reason, nearest: Option<&C>| {
        let nearest = nearest.map(|candidate| Nearest {
            offer: candidate.offer().to_owned(),
            quality: candidate.quality().to_string(),
            estimate_nanousd: candidate.estimate(),
        });
        Err(NoCandidate { reason, nearest })
    };
    let mut order: Vec<C> = candidates
        .iter()
        .filter(|candidate| candidate.quality() >= floor.get())
        .cloned()
        .collect();
    order.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let Some(first) = order.first() else {
        return reject(
            RejectReason::Floor,
            candidates
                .iter()
                .max_by_key(|candidate| candidate.quality()),
        );
    };
    match max_cost {
        // The first is the cheapest.
        Some(cap) if first.estimate() > cap => reject(RejectReason::Cost, Some(first)),
        Some(cap) => {
            order.retain(|candidate| candidate.estimate() <= cap);
            Ok(order)
        }
        None => Ok(order),
    }
}

/// Whether the lists of `ask` let `offer` be used.
#[must_use]
pub fn on_lists(offer: &Offer, ask: &Ask<'_>) -> bool {
    ask.allow.is_none_or(|list| list.contains(&offer.provider))
        && !ask.deny.is_some_and(|list| list.contains(&offer.provider))
}

fn able(offer: &Offer, shape: &Shape) -> bool {
    let output = shape.max_tokens.unwrap_or(offer.default_output_tokens);
    (offer.tools || !shape.tools)
        && (offer.images || shape.images == 0)
        && (offer.thinking || !shape.thinking)
        && output <= offer.max_output_tokens
        && estimated_input(shape).saturating_add(output) <= offer.context_tokens
}

fn rank<C: Ranked>(candidate: &C) -> impl Ord + '_ {
    (
        candidate.estimate(),
        std::cmp::Reverse(candidate.quality()),
        candidate.offer(),
    )
}

#[cfg(test)]
mod tests;
