//! The spans of a call: one for the call itself, a child for each attempt at a
//! provider. They are made when all is known.

use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SdkTracer;

use super::Addresses;
use super::call::{AttemptEnded, CallEnded, Extent, offer, seconds};
use super::names;

/// Makes and ends the spans of `call`, unless they are not sampled.
pub(super) fn make(tracer: &SdkTracer, call: &CallEnded, addresses: &Addresses) {
    let parent = match call.parent {
        Some(parent) => Context::new().with_remote_span_context(parent.context()),
        None => Context::new(),
    };
    let name = format!("{} {}", names::CHAT, call.requested);
    let span = SpanBuilder::from_name(name)
        .with_kind(SpanKind::Server)
        .with_start_time(call.moment(0))
        .with_attributes(of_call(call))
        .start_with_context(tracer, &parent);
    if !span.is_recording() {
        return;
    }
    let context = parent.with_span(span);
    let span = context.span();
    for (attempt, extent) in call.attempts() {
        if attempt.skipped() {
            let attributes = of_offer(&attempt.offer);
            span.add_event_with_timestamp(names::SKIPPED, call.moment(extent.0), attributes.into());
        } else {
            make_attempt(tracer, call, attempt, extent, &context, addresses);
        }
    }
    if let Some(error) = call.error() {
        span.set_status(Status::error(error));
    }
    span.end_with_timestamp(call.moment(call.latency_us));
}

fn make_attempt(
    tracer: &SdkTracer,
    call: &CallEnded,
    attempt: &AttemptEnded,
    (from, to): Extent,
    context: &Context,
    addresses: &Addresses,
) {
    let (provider, model) = offer(&attempt.offer);
    let error = call.error_of(attempt);
    let mut attributes = Vec::with_capacity(12);
    attributes.extend(of_offer(&attempt.offer));
    let mut add = |name, value: Option<Value>| {
        attributes.extend(value.map(|value| KeyValue::new(name, value)));
    };
    add(names::OPERATION, Some(names::CHAT.into()));
    add(names::OUTCOME, Some(attempt.outcome.into()));
    add(names::STATUS_CODE, attempt.http_status.map(status));
    add(names::ERROR_TYPE, error.clone().map(Value::from));
    if let Some((host, port)) = addresses(provider) {
        add(names::SERVER_ADDRESS, Some(host.into()));
        add(names::SERVER_PORT, Some(i64::from(port).into()));
    }
    if call.stream {
        add(names::STREAM, Some(true.into()));
    }
    if attempt.answered() {
        add(names::RESPONSE_MODEL, Some(model.to_owned().into()));
        let first = call.stream.then(|| seconds(attempt.latency_us).into());
        add(names::FIRST_CHUNK, first);
        let id = call.upstream_request_id.clone();
        add(names::UPSTREAM_ID, id.map(Value::from));
    }
    let mut span = SpanBuilder::from_name(format!("{} {model}", names::CHAT))
        .with_kind(SpanKind::Client)
        .with_start_time(call.moment(from))
        .with_attributes(attributes)
        .start_with_context(tracer, context);
    if let Some(error) = error {
        span.set_status(Status::error(error));
    }
    span.end_with_timestamp(call.moment(to));
}

/// What a call's span says. Tokens and cost are said here and on no other span,
/// so that a sum over spans counts them once.
fn of_call(call: &CallEnded) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(28);
    let mut add = |name, value: Option<Value>| {
        attributes.extend(value.map(|value| KeyValue::new(name, value)));
    };
    let text = |text: &str| Some(Value::from(text.to_owned()));
    add(names::OPERATION, Some(names::CHAT.into()));
    add(names::REQUEST_MODEL, text(&call.requested));
    if let Some((provider, model)) = call.offer.as_deref().map(offer) {
        add(names::PROVIDER, text(provider));
        add(names::RESPONSE_MODEL, text(model));
    }
    add(names::MAX_TOKENS, call.max_tokens.map(count));
    if call.stream {
        add(names::STREAM, Some(true.into()));
    }
    add(names::FINISH_REASONS, call.stop_reason.clone().map(only));
    add(names::INPUT_TOKENS, call.input_tokens.map(count));
    add(names::OUTPUT_TOKENS, call.output_tokens.map(count));
    add(names::CACHE_READ_TOKENS, call.cache_read_tokens.map(count));
    let written = call.cache_write_tokens.map(count);
    add(names::CACHE_CREATION_TOKENS, written);
    add(names::USAGE_SOURCE, call.usage_source.map(Value::from));
    #[allow(clippy::cast_precision_loss)]
    let cost = call.cost_nanousd.map(|nanousd| nanousd as f64 / 1e9);
    add(names::COST, cost.map(Value::from));
    add(names::ROUTE, Some(call.route.into()));
    add(names::STATUS_CODE, call.http_status.map(status));
    add(names::ERROR_TYPE, call.error().map(Value::from));
    add(names::REQUEST_ID, text(&call.request_id));
    add(
        names::INFERENCE_ID,
        call.inference_id.clone().map(Value::from),
    );
    add(names::TENANT, text(&call.tenant));
    add(names::AGENT, text(&call.agent));
    add(names::ROUTER, Some(call.router.into()));
    add(names::GENERATION, call.generation.map(Value::from));
    add(names::FLOOR, call.floor.map(Value::from));
    add(names::OUTCOME, Some(call.outcome.into()));
    add(names::REASON, call.reason.clone().map(Value::from));
    attributes
}

/// An offer's provider and model.
pub(super) fn of_offer(id: &str) -> [KeyValue; 2] {
    let (provider, model) = offer(id);
    [
        KeyValue::new(names::PROVIDER, provider.to_owned()),
        KeyValue::new(names::REQUEST_MODEL, model.to_owned()),
    ]
}

fn count(count: u64) -> Value {
    Value::I64(i64::try_from(count).unwrap_or(i64::MAX))
}

fn status(status: u16) -> Value {
    Value::I64(status.into())
}

fn only(text: String) -> Value {
    Value::Array(Array::String(vec![StringValue::from(text)]))
}
