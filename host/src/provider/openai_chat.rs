//! OpenAI Chat Completions: the request and the answer are translated.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::exchange::{deadline, post, send};
use super::failure::{Failure, FailureKind, translated};
use super::{Answer, Call, Endpoint, Timeouts, start};
use crate::catalog::Offer;
use crate::dialect::common::Capture;
use crate::dialect::{RequestError, anthropic, openai};

pub(super) async fn call(
    http: &reqwest::Client,
    endpoint: &Endpoint,
    offer: &Offer,
    call: &Call<'_>,
    timeouts: &Timeouts,
) -> Result<Answer, Failure> {
    let body = encode(call, offer).map_err(|error| Failure {
        body: Some(translated(400, &error.to_string(), call.request_id)),
        ..Failure::new(FailureKind::Untranslatable, error.to_string())
    })?;
    let headers = HeaderMap::from_iter([
        (AUTHORIZATION, endpoint.key.clone()),
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
    ]);
    let request = post(endpoint.url.clone(), headers, body);
    let stream = call.request.stream;
    let limit = deadline(if stream {
        timeouts.first_event
    } else {
        timeouts.answer
    });
    let exchange = send(http, request, limit).await?;
    if exchange.status != 200 {
        let status = exchange.status;
        return Err(start::refused(exchange, limit, |body| {
            let message = openai::error::message(&body)
                .unwrap_or_else(|| format!("the provider answered {status}"));
            (translated(status, &message, call.request_id), message)
        })
        .await);
    }
    let message_id = message_id(call.request_id);
    if stream {
        let relay = openai::relay::to_anthropic(offer.model.clone(), message_id);
        return start::stream(exchange, Box::new(relay), limit).await;
    }
    start::whole(exchange, limit, |body| {
        let answer = openai::answer::to_common(&body).map_err(|why| {
            let error = openai::error::read(&body).map(|(status, message)| {
                let body = translated(status, &message, call.request_id);
                (status, message, body)
            });
            Failure::no_answer(&why, error)
        })?;
        let encoded: Bytes = anthropic::answer::encode(&answer, &message_id, &offer.model).into();
        Ok((encoded, Capture::from(&answer)))
    })
    .await
}

fn encode(call: &Call<'_>, offer: &Offer) -> Result<Vec<u8>, RequestError> {
    let common = call.request.to_common()?;
    openai::request::encode(
        &common,
        &offer.upstream_model,
        call.request.stream,
        &offer.venue.quirks,
    )
}

/// The id of a message that this gateway composes.
pub(super) fn message_id(request_id: &str) -> String {
    format!("msg_{}", request_id.trim_start_matches("req_"))
}
