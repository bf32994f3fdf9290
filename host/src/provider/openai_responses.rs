//! OpenAI Responses: no client's dialect, so request and answer are always
//! translated.

use super::exchange::{deadline, post, send};
use super::failure::Failure;
use super::openai_chat::headers;
use super::{Answer, Call, Endpoint, Timeouts, Whole, start, translated};
use crate::catalog::Offer;
use crate::dialect::common::Capture;
use crate::dialect::openai::error;
use crate::dialect::responses::{answer, relay, request};

pub(super) async fn call(
    http: &reqwest::Client,
    endpoint: &Endpoint,
    offer: &Offer,
    call: &Call<'_>,
    timeouts: &Timeouts,
) -> Result<Answer, Failure> {
    let common = translated(call.request, offer)?;
    let (model, quirks) = (&offer.upstream_model, &offer.venue.quirks);
    let body = request::encode(&common, model, call.stream(), quirks)?;
    let request = post(endpoint.url.clone(), headers(endpoint), body);
    let limit = deadline(timeouts.to_begin(call.stream()));
    let exchange = send(http, request, limit).await?;
    if exchange.status != 200 {
        return Err(start::refused(exchange, limit, false, error::message).await);
    }
    if call.stream() {
        return start::stream(exchange, Box::new(relay::translated()), limit).await;
    }
    start::whole(exchange, limit, |body| {
        let answer = answer::to_common(&body).map_err(|why| {
            let error = error::read(&body).map(|(status, message)| (status, message, None));
            Failure::no_answer(&why, error)
        })?;
        let capture = Capture::from(&answer);
        Ok((Whole::Translated(Box::new(answer)), capture))
    })
    .await
}
