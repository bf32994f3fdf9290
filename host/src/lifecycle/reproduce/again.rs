//! One record, decided again step by step.

use super::difference::{Difference, Findings};
use super::inputs::Inputs;
use crate::catalog::Catalog;
use crate::policy::set::Digests;
use crate::policy::{Classified, Dialled, Floor, PolicySet, ruleset_hash};
use crate::routing::Ask;
use crate::routing::decide::{NoCandidate, decide, recorded};
use crate::store::calls::Decision;

/// What of `decision` does not come out again when `set` and `catalog`, which it
/// names, decide it.
pub(super) fn differences(
    decision: &Decision,
    digests: &Digests,
    set: &PolicySet,
    catalog: &Catalog,
) -> Vec<Difference> {
    let mut findings = Findings::of(&decision.request_id);
    ruleset(decision, digests, catalog.version, &mut findings);
    match Inputs::read(decision) {
        Ok(inputs) => steps(decision, &inputs, set, catalog, &mut findings),
        Err(bad) => findings.cannot(bad.field, bad.recorded.as_deref(), bad.why),
    }
    findings.found
}

/// What the record says of the policy, before any of it runs.
fn ruleset(decision: &Decision, digests: &Digests, catalog: i64, findings: &mut Findings<'_>) {
    let gates = decision.gates.as_deref().unwrap_or_default();
    findings.compare(
        "ruleset_hash",
        decision.ruleset_hash.as_deref(),
        Some(&ruleset_hash(digests, gates, catalog).to_string()),
    );
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    match decision.faulted_generation {
        // Only the active generation can fault, and another decides where it does.
        Some(_) => findings.compare(
            "faulted_generation",
            number(decision.faulted_generation).as_deref(),
            number(decision.generation).as_deref(),
        ),
        None => findings.compare(
            "decided_by",
            number(decision.decided_by).as_deref(),
            number(decision.generation).as_deref(),
        ),
    }
}

fn steps(
    decision: &Decision,
    inputs: &Inputs,
    set: &PolicySet,
    catalog: &Catalog,
    findings: &mut Findings<'_>,
) {
    if !name(decision, inputs, set, catalog, findings) {
        return;
    }
    let Some(base) = inputs.base else {
        // Refused as its agent was not active: nothing else was decided.
        if decision.outcome_status != "refused" {
            findings.cannot("base_floor", None, "the call was not refused");
        }
        return;
    };
    let Some(floor) = floor(decision, inputs, base, set, findings) else {
        return;
    };
    choice(decision, inputs, floor, catalog, findings);
}

/// Classification. Whether there is more to decide.
fn name(
    decision: &Decision,
    inputs: &Inputs,
    set: &PolicySet,
    catalog: &Catalog,
    findings: &mut Findings<'_>,
) -> bool {
    let requested = &*decision.requested;
    if catalog.names(requested) {
        findings.cannot(
            "requested",
            Some(requested),
            "the catalog has a model of this name, which is never routed",
        );
        return false;
    }
    let canonical = decision.canonical.as_deref();
    if canonical.is_none() && unavailable(decision) {
        // The resolver faulted: all that was known is that it lists the name.
        if !set.lists(requested) {
            findings.cannot("requested", Some(requested), "the policy does not list it");
        }
        return false;
    }
    match set.classify(requested, inputs.date).as_deref() {
        Ok(Classified::Routed { target, .. }) => {
            findings.compare("canonical", canonical, Some(target));
            let alias = **target != *requested;
            findings.compare("alias", Some(word(decision.alias)), Some(word(alias)));
            true
        }
        Ok(Classified::Sunset { target }) => {
            let why = format!("the name is past its sunset, in favour of {target}");
            findings.cannot("canonical", canonical, why);
            false
        }
        Ok(Classified::Unknown) => {
            findings.cannot("canonical", canonical, "the policy does not know the name");
            false
        }
        Err(fault) => {
            findings.cannot("canonical", canonical, fault);
            false
        }
    }
}

/// The floor, where one was decided.
fn floor(
    decision: &Decision,
    inputs: &Inputs,
    base: Floor,
    set: &PolicySet,
    findings: &mut Findings<'_>,
) -> Option<Floor> {
    let recorded = decision.floor.as_deref();
    if recorded.is_none() && unavailable(decision) {
        return None;
    }
    let (dialled, floor) = match inputs.explicit {
        Some(floor) => (None, floor),
        None => {
            let preference = decision.preference.as_deref();
            let live = inputs.gates.routing_preference_live;
            match set.floor(preference, base, live) {
                Ok(Dialled { dialled, floor }) => (Some(dialled.to_string()), floor),
                Err(fault) => {
                    findings.cannot("floor", recorded, fault);
                    return None;
                }
            }
        }
    };
    findings.compare("dialled", decision.dialled.as_deref(), dialled.as_deref());
    findings.compare("floor", recorded, Some(&floor.to_string()));
    Some(floor)
}

/// The engine's choice.
fn choice(
    decision: &Decision,
    inputs: &Inputs,
    floor: Floor,
    catalog: &Catalog,
    findings: &mut Findings<'_>,
) {
    if !inputs.mask.fits(catalog) {
        findings.cannot(
            "eligibility_mask",
            decision.eligibility_mask.as_deref(),
            "it has offers that the catalog version does not have, or not active",
        );
    }
    let ask = Ask {
        floor,
        shape: &inputs.shape,
        max_cost: inputs.max_cost,
        allow: inputs.allow.as_deref(),
        deny: inputs.deny.as_deref(),
    };
    let choice = decide(catalog, &inputs.mask, &ask);
    findings.compare(
        "candidates",
        decision.candidates.as_deref(),
        Some(&recorded(&choice.candidates)),
    );
    let status = &*decision.outcome_status;
    let (first, nobody) = match &choice.order {
        Ok(order) => (order.first().map(|first| &*first.offer.id), None),
        Err(none) => (None, Some(none)),
    };
    if nobody.is_some() != (status == "rejected_floor") {
        let decided = match nobody {
            Some(_) => "rejected_floor",
            None => "not rejected_floor",
        };
        findings.differs("outcome_status", Some(status), Some(decided), None);
    }
    rejected(decision, nobody, findings);
    // What is refused after the engine may have no choice recorded.
    if decision.choice.is_some() || status != "refused" {
        findings.compare("choice", decision.choice.as_deref(), first);
    }
    if let (Some(answered), Ok(order)) = (decision.offer.as_deref(), &choice.order)
        && !order
            .iter()
            .any(|candidate| *candidate.offer.id == *answered)
    {
        let order: Vec<&str> = order.iter().map(|candidate| &*candidate.offer.id).collect();
        let decided = format!("one of {}", order.join(", "));
        findings.differs("offer", Some(answered), Some(&decided), None);
    }
}

/// Why nothing was chosen.
fn rejected(decision: &Decision, nobody: Option<&NoCandidate>, findings: &mut Findings<'_>) {
    findings.compare(
        "reject_reason",
        decision.reject_reason.as_deref(),
        nobody.map(|none| none.reason.name()),
    );
    let nearest = nobody
        .and_then(|none| none.nearest.as_ref())
        .and_then(|nearest| serde_json::to_string(nearest).ok());
    findings.compare(
        "nearest_miss",
        decision.nearest_miss.as_deref(),
        nearest.as_deref(),
    );
}

/// Whether the call was refused as its policy faulted and nothing could decide
/// in its place.
fn unavailable(decision: &Decision) -> bool {
    decision.outcome_status == "refused"
        && decision.reason.as_deref() == Some("policy_unavailable")
        && decision.faulted_generation.is_some()
}

fn word(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}
