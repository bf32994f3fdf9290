//! The two events that every call makes.

use super::{EventName, ObjectWriter, Prepared};
use crate::record::closed::{Closed, Outcome};
use crate::record::opened::{CallRef, Opened};

/// More than either body is long with ordinary model names.
const ROOM: usize = 640;

/// `inference.routed`: a call was admitted; with its outcome where it was
/// refused at once.
pub(in crate::record) fn routed(opened: &Opened, refused: Option<&Outcome>) -> Prepared {
    prepare(
        EventName::InferenceRouted,
        &CallRef::of(opened),
        opened.at_us,
        |data| {
            text(data, "canonical", opened.canonical.as_deref());
            number(data, "catalog", opened.catalog_version);
            text(data, "choice", opened.choice.as_deref());
            number(data, "decided_by", opened.decided_by);
            text(
                data,
                "floor",
                opened.floor.map(|floor| floor.to_string()).as_deref(),
            );
            number(data, "generation", opened.generation);
            number(data, "hold_nanousd", opened.held_nanousd());
            if opened.dispatched {
                data.string("inference", &opened.key.inference_id());
            }
            data.string("model", &opened.requested);
            text(
                data,
                "outcome",
                refused.map(|outcome| outcome.status.as_str()),
            );
            text(
                data,
                "reason",
                refused.and_then(|outcome| outcome.reason.as_deref()),
            );
            data.string("request", &opened.key.request_id());
            data.string("router", opened.router.as_str());
            text(
                data,
                "ruleset",
                opened.ruleset_hash.map(|hash| hash.to_string()).as_deref(),
            );
        },
    )
}

/// `inference.completed`: a call ended.
pub(in crate::record) fn completed(call: &CallRef, closed: &Closed) -> Prepared {
    let Closed {
        outcome, progress, ..
    } = closed;
    let tokens = |count: Option<u64>| count.and_then(|count| i64::try_from(count).ok());
    prepare(EventName::InferenceCompleted, call, closed.at_us, |data| {
        number(data, "charged_nanousd", closed.charged_nanousd);
        number(data, "cost_nanousd", progress.cost_nanousd);
        if call.dispatched {
            data.string("inference", &call.key.inference_id());
        }
        number(data, "input_tokens", tokens(progress.usage.input_tokens));
        text(data, "offer", progress.offer.as_deref());
        data.string("outcome", outcome.status.as_str());
        number(data, "output_tokens", tokens(progress.usage.output_tokens));
        text(data, "reason", outcome.reason.as_deref());
        data.string("request", &call.key.request_id());
        data.string("router", call.router.as_str());
        text(
            data,
            "usage",
            progress.usage_source.map(|source| source.as_str()),
        );
    })
}

fn prepare(
    name: EventName,
    call: &CallRef,
    at_us: i64,
    fill: impl FnOnce(&mut ObjectWriter),
) -> Prepared {
    let mut body = ObjectWriter::with_capacity(ROOM);
    body.string("agent", &call.agent.to_string())
        .integer("at", at_us)
        .object("data", fill)
        .string("event", name.as_str())
        .string("tenant", &call.tenant.to_string());
    Prepared::new(body.finish())
}

fn text(data: &mut ObjectWriter, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        data.string(key, value);
    }
}

fn number(data: &mut ObjectWriter, key: &str, value: Option<i64>) {
    if let Some(value) = value {
        data.integer(key, value);
    }
}
