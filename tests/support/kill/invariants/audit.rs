//! What the gateway says of itself: its audit, its own verification, its counters.

use std::collections::HashMap;

use serde_json::Value;

use super::super::evidence::Evidence;
use super::Faults;

/// Where nothing was dispatched, one event says how the call came and ended.
pub(super) fn events(evidence: &Evidence, faults: &mut Faults) {
    let mut routed = by_request(&evidence.routed);
    let mut completed = by_request(&evidence.completed);
    for call in evidence.calls.values() {
        let id = call.request_id();
        let began = routed.remove(id.as_str()).unwrap_or_default();
        let ended = completed.remove(id.as_str()).unwrap_or_default();
        let right = match (&*began, &*ended) {
            ([began], [ended]) => {
                call.dispatched
                    && began["router"] == call.router.as_str()
                    && ended["outcome"] == call.status()
                    && ended["cost_nanousd"].as_i64()
                        == call.closed.as_ref().and_then(|closed| closed.cost)
            }
            ([began], []) => !call.dispatched && began["outcome"] == call.status(),
            _ => false,
        };
        faults.unless(right, || format!("{call:?}: {began:?} {ended:?}"));
    }
    for (kind, left) in [("routed", routed), ("completed", completed)] {
        faults.unless(left.is_empty(), || format!("{kind}, of no call: {left:?}"));
    }
}

fn by_request(events: &[Value]) -> HashMap<&str, Vec<&Value>> {
    let mut requests: HashMap<_, Vec<_>> = HashMap::new();
    for event in events {
        let request = event["request"].as_str().unwrap_or_default();
        requests.entry(request).or_default().push(event);
    }
    requests
}

pub(super) fn commands(evidence: &Evidence, faults: &mut Faults) {
    for (args, output) in &evidence.commands {
        let said = |bytes| String::from_utf8_lossy(bytes).into_owned();
        faults.unless(output.status.success(), || {
            let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
            format!("ainfera {args}: {}\n{stdout}{stderr}", output.status)
        });
    }
}

pub(super) fn counters(evidence: &Evidence, faults: &mut Faults) {
    for scrape in &evidence.scrapes {
        faults.unless(*scrape == [Some(0.0); 2], || format!("{scrape:?}"));
    }
}
