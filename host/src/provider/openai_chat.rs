//! OpenAI Chat Completions. A client of the same dialect has its bytes passed
//! through; any other's request and answer are translated.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::exchange::{deadline, post, send};
use super::failure::Failure;
use super::{Answer, Call, Endpoint, Timeouts, Whole, start, translated};
use crate::catalog::Offer;
use crate::dialect::common::Capture;
use crate::dialect::openai::{answer, error, relay, request};
use crate::dialect::{ClientRequest, RequestError};

pub(super) async fn call(
    http: &reqwest::Client,
    endpoint: &Endpoint,
    offer: &Offer,
    call: &Call<'_>,
    timeouts: &Timeouts,
) -> Result<Answer, Failure> {
    let body = encode(call, offer)?;
    let request = post(endpoint.url.clone(), headers(endpoint), body);
    let limit = deadline(timeouts.to_begin(call.stream()));
    let exchange = send(http, request, limit).await?;
    let own = match call.request {
        ClientRequest::OpenaiChat(request) => Some(request),
        _ => None,
    };
    if exchange.status != 200 {
        return Err(start::refused(exchange, limit, own.is_some(), error::message).await);
    }
    if call.stream() {
        return match own {
            Some(request) => {
                let relay = relay::passthrough(request.hides_usage());
                start::stream(exchange, Box::new(relay), limit).await
            }
            None => start::stream(exchange, Box::new(relay::translated()), limit).await,
        };
    }
    start::whole(exchange, limit, |body| {
        let read = match own {
            Some(_) => relay::capture(&body).map(|capture| (Whole::Same(body.clone()), capture)),
            None => answer::to_common(&body).map(|answer| {
                let capture = Capture::from(&answer);
                (Whole::Translated(Box::new(answer)), capture)
            }),
        };
        read.map_err(|why| {
            let error =
                error::read(&body).map(|(status, message)| (status, message, own.map(|_| body)));
            Failure::no_answer(&why, error)
        })
    })
    .await
}

/// The key, as hosts of OpenAI's protocols take it.
pub(super) fn headers(endpoint: &Endpoint) -> HeaderMap {
    HeaderMap::from_iter([
        (AUTHORIZATION, endpoint.key.clone()),
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
    ])
}

fn encode(call: &Call<'_>, offer: &Offer) -> Result<Vec<u8>, RequestError> {
    let quirks = &offer.venue.quirks;
    match call.request {
        ClientRequest::OpenaiChat(request) => {
            Ok(request.for_upstream(&offer.upstream_model, quirks))
        }
        other => {
            let common = translated(other, offer)?;
            request::encode::encode(&common, &offer.upstream_model, call.stream(), quirks)
        }
    }
}
