//! What the provider saw, against the rows.

use std::collections::{BTreeMap, HashMap};

use super::super::evidence::{Call, Evidence};
use super::super::venue::Served;
use super::Faults;

pub(super) fn recorded(evidence: &Evidence, faults: &mut Faults) {
    let errands = evidence.by_errand();
    for ((errand, model), served) in by_model(&evidence.served) {
        let calls = errands.get(&errand).map_or(&[][..], Vec::as_slice);
        // No record calls a model twice, so each call of it has its own.
        let may_have = calls.iter().filter(|call| may_have_called(call, model));
        let records = may_have.count();
        faults.unless(served.len() <= records, || {
            format!("{records} records of {served:?}: {calls:?}")
        });
    }
}

pub(super) fn seen(evidence: &Evidence, faults: &mut Faults) {
    let served = by_model(&evidence.served);
    let ids: HashMap<&str, &Served> = evidence
        .served
        .iter()
        .map(|served| (served.id.as_str(), served))
        .collect();
    let mut taken: HashMap<&str, &Call> = HashMap::new();
    for (errand, calls) in evidence.by_errand() {
        let mut called: BTreeMap<&str, usize> = BTreeMap::new();
        for call in &calls {
            let Some(closed) = &call.closed else {
                continue;
            };
            for model in closed.called.iter().flatten() {
                *called.entry(model).or_default() += 1;
            }
            // Of an answer that was, or was to be, passed on.
            let id = closed.upstream_id.as_deref();
            let answer = id.and_then(|id| ids.get(id).copied());
            let whole = closed.status == "succeeded";
            let right = match (id, answer) {
                (None, _) => !whole,
                (Some(_), None) => false,
                (Some(id), Some(answer)) => {
                    answer.errand == errand
                        && (!whole || answer.whole)
                        && taken.insert(id, call).is_none()
                }
            };
            faults.unless(right, || format!("{call:?}: {answer:?}"));
        }
        for (model, records) in called {
            let seen = served.get(&(errand, model)).map_or(0, Vec::len);
            faults.unless(seen >= records, || {
                format!("{model} saw {seen} of {records}: {calls:?}")
            });
        }
    }
}

fn by_model(served: &[Served]) -> BTreeMap<(u64, &str), Vec<&Served>> {
    let mut models: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for call in served {
        models
            .entry((call.errand, call.model.as_str()))
            .or_default()
            .push(call);
    }
    models
}

fn may_have_called(call: &Call, model: &str) -> bool {
    let closed = call.closed.as_ref();
    match closed.and_then(|closed| closed.called.as_ref()) {
        Some(called) => called.iter().any(|name| name == model),
        None => call.dispatched,
    }
}
