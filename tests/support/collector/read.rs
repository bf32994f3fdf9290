//! The protobuf of exports.

use std::fmt::Write as _;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};
use opentelemetry_proto::tonic::trace::v1::{self as trace, span::SpanKind, status::StatusCode};
use prost::Message as _;
use serde_json::Value;

use super::{Attributes, Series, Span};

/// The spans of an export.
pub(super) fn spans(body: &[u8]) -> Vec<Span> {
    let export = ExportTraceServiceRequest::decode(body).expect("an export of traces");
    let mut spans = Vec::new();
    for of_resource in export.resource_spans {
        let resource = attributes(of_resource.resource.unwrap_or_default().attributes);
        let scopes = of_resource.scope_spans.into_iter();
        let all = scopes.flat_map(|scope| scope.spans);
        spans.extend(all.map(|span| read(span, &resource)));
    }
    spans
}

fn read(span: trace::Span, resource: &Attributes) -> Span {
    let status = span.status.unwrap_or_default();
    let kind = SpanKind::try_from(span.kind).expect("a kind");
    let events = span.events.into_iter();
    Span {
        name: span.name,
        kind: kind.as_str_name().trim_start_matches("SPAN_KIND_"),
        trace: hexadecimal(&span.trace_id),
        id: hexadecimal(&span.span_id),
        parent: hexadecimal(&span.parent_span_id),
        start: span.start_time_unix_nano,
        end: span.end_time_unix_nano,
        error: status.code == StatusCode::Error as i32,
        attributes: attributes(span.attributes),
        events: events
            .map(|event| (event.name, attributes(event.attributes)))
            .collect(),
        resource: resource.clone(),
    }
}

/// The series of an export.
pub(super) fn series(body: &[u8]) -> Vec<Series> {
    let export = ExportMetricsServiceRequest::decode(body).expect("an export of metrics");
    let resources = export.resource_metrics.into_iter();
    let scopes = resources.flat_map(|resource| resource.scope_metrics);
    let metrics = scopes.flat_map(|scope| scope.metrics);
    metrics.flat_map(of_metric).collect()
}

fn of_metric(metric: Metric) -> Vec<Series> {
    let (name, unit) = (metric.name, metric.unit);
    let series = |about, count, sum, bounds| Series {
        name: name.clone(),
        unit: unit.clone(),
        attributes: attributes(about),
        count,
        sum,
        bounds,
    };
    match metric.data.expect("data") {
        metric::Data::Histogram(histogram) => histogram
            .data_points
            .into_iter()
            .map(|point| {
                let sum = point.sum.unwrap_or_default();
                series(point.attributes, point.count, sum, point.explicit_bounds)
            })
            .collect(),
        metric::Data::Sum(sum) => sum
            .data_points
            .into_iter()
            .map(|point| match point.value {
                Some(number_data_point::Value::AsInt(value)) => {
                    let count = u64::try_from(value).expect("no negative count");
                    #[allow(clippy::cast_precision_loss)]
                    series(point.attributes, count, count as f64, Vec::new())
                }
                other => panic!("{name}: {other:?}"),
            })
            .collect(),
        other => panic!("{name}: {other:?}"),
    }
}

fn attributes(all: Vec<KeyValue>) -> Attributes {
    let mut read = Attributes::new();
    for attribute in all {
        let value = value(attribute.value.unwrap_or_default());
        let twice = read.insert(attribute.key.clone(), value);
        assert!(twice.is_none(), "{} is there twice", attribute.key);
    }
    read
}

fn value(value: AnyValue) -> Value {
    match value.value.expect("a value") {
        any_value::Value::StringValue(text) => text.into(),
        any_value::Value::BoolValue(word) => word.into(),
        any_value::Value::IntValue(number) => number.into(),
        any_value::Value::DoubleValue(number) => number.into(),
        any_value::Value::ArrayValue(array) => array.values.into_iter().map(self::value).collect(),
        other => panic!("{other:?}"),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
