#![allow(clippy::unwrap_used, clippy::panic)]

use std::num::NonZeroU32;
use std::time::Duration;

use http::HeaderMap;
use prometheus_client::metrics::counter::Counter;

use super::*;
use crate::catalog::{Catalog, CatalogFile, NanoUsd};
use crate::dialect::{ClientRequest, Dialect};
use crate::provider::{Recorded, Timeouts};
use crate::routing::breaker::Rules;

/// `sick` always fails and `well` answers; `narrow` cannot be asked for stop
/// sequences.
const CATALOG: &str = r#"
    [providers.sim]
    protocol = "simulated"
    [providers.responses]
    protocol = "openai-responses"
    base_url = "http://127.0.0.1:1"
    [[models]]
    slug = "sick"
    q_prior = "0.5"
    [[models]]
    slug = "well"
    q_prior = "0.5"
    [[models]]
    slug = "narrow"
    q_prior = "0.5"
"#;

fn catalog() -> Catalog {
    let offer = |model: &str, provider: &str, more: &str| {
        format!(
            "[[offers]]\nmodel = {model:?}\nprovider = {provider:?}\nupstream_model = {model:?}\n\
             active = true\ninput_usd_per_mtok = \"1\"\noutput_usd_per_mtok = \"1\"\n\
             context_tokens = 1000\nmax_output_tokens = 100\ndefault_output_tokens = 10\n{more}\n"
        )
    };
    let text = [
        CATALOG.to_owned(),
        offer("sick", "sim", "simulate = { fail = \"overloaded\" }"),
        offer("well", "sim", ""),
        offer("narrow", "responses", ""),
    ];
    Catalog::new(1, CatalogFile::from_toml(&text.concat()).unwrap()).unwrap()
}

fn breakers() -> Breakers {
    Breakers::new(Some(Rules {
        failures: NonZeroU32::MIN,
        open: Duration::from_secs(3_600),
        max_open: Duration::from_secs(3_600),
    }))
}

/// Who answers a call that may be tried at `order`, and every attempt.
async fn tried(
    breakers: &Breakers,
    order: &[&str],
) -> (Option<String>, Vec<(String, &'static str)>) {
    watched(breakers, order, &Counter::default()).await
}

/// The same; `alarm` counts what is called, as none of it is recorded.
async fn watched(
    breakers: &Breakers,
    order: &[&str],
    alarm: &Counter,
) -> (Option<String>, Vec<(String, &'static str)>) {
    let catalog = catalog();
    // Fails only where another test did it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let providers = Providers::new(&catalog, |_| None, Timeouts::default()).unwrap();
    let candidate = |model: &&str| {
        let mut offers = catalog.offers.iter();
        let offer = offers.find(|offer| offer.model == *model).unwrap();
        Candidate {
            offer: Arc::clone(offer),
            estimate: NanoUsd(0),
        }
    };
    let order: Vec<Candidate> = order.iter().map(candidate).collect();
    let body = br#"{"model":"m","max_tokens":9,"stop_sequences":["x"],"messages":[{"role":"user","content":"hi"}]}"#;
    let request = ClientRequest::read(Dialect::Anthropic, body).unwrap();
    let call = Call {
        request: &request,
        headers: &HeaderMap::new(),
        query: None,
        id: "1",
        recorded: Recorded::No(alarm),
    };
    let mut attempts = Vec::new();
    let note = |attempt: Attempt| attempts.push((attempt.offer.to_string(), attempt.outcome));
    let result = dispatch(&providers, breakers, &order, &call, note).await;
    let answered = result.ok().map(|begun| {
        begun.trial.succeeded();
        begun.offer.model.clone()
    });
    (answered, attempts)
}

fn open(breakers: &Breakers, offer: &str) {
    let trial = breakers.admit(&offer.into()).unwrap();
    trial.failed(&Failure::new(FailureKind::Unreachable, ""));
}

#[tokio::test]
async fn an_open_offer_is_skipped_and_the_next_is_tried() {
    let breakers = breakers();
    let (answered, _) = tried(&breakers, &["sick", "well"]).await;
    assert_eq!(answered.as_deref(), Some("well"));
    let (answered, attempts) = tried(&breakers, &["sick", "well"]).await;
    assert_eq!(answered.as_deref(), Some("well"));
    let expected = [("sick@sim", "skipped_open"), ("well@sim", "ok")];
    assert_eq!(
        attempts,
        expected.map(|(offer, what)| (offer.to_owned(), what))
    );
}

#[tokio::test]
async fn where_all_are_open_all_are_tried_in_order() {
    let breakers = breakers();
    open(&breakers, "sick@sim");
    open(&breakers, "well@sim");
    let (answered, attempts) = tried(&breakers, &["sick", "well"]).await;
    assert_eq!(answered.as_deref(), Some("well"));
    let expected = [
        ("sick@sim", "skipped_open"),
        ("well@sim", "skipped_open"),
        ("sick@sim", "status"),
        ("well@sim", "ok"),
    ];
    assert_eq!(
        attempts,
        expected.map(|(offer, what)| (offer.to_owned(), what))
    );
    let (_, attempts) = tried(&breakers, &["well"]).await;
    assert_eq!(attempts, [("well@sim".to_owned(), "ok")], "that closed it");
}

#[tokio::test]
async fn an_offer_that_cannot_be_asked_leaves_the_open_ones_to_be_tried() {
    let breakers = breakers();
    open(&breakers, "well@sim");
    let (answered, attempts) = tried(&breakers, &["well", "narrow"]).await;
    assert_eq!(answered.as_deref(), Some("well"), "{attempts:?}");
    let expected = [
        ("well@sim", "skipped_open"),
        ("narrow@responses", "untranslatable"),
        ("well@sim", "ok"),
    ];
    assert_eq!(
        attempts,
        expected.map(|(offer, what)| (offer.to_owned(), what))
    );
}

#[tokio::test]
async fn where_one_was_called_and_failed_the_open_ones_stay_alone() {
    let breakers = breakers();
    open(&breakers, "well@sim");
    let (answered, attempts) = tried(&breakers, &["sick", "well"]).await;
    assert_eq!(answered, None);
    let expected = [("sick@sim", "status"), ("well@sim", "skipped_open")];
    assert_eq!(
        attempts,
        expected.map(|(offer, what)| (offer.to_owned(), what))
    );
}

fn status(status: u16, retry_after: Option<&str>) -> Failure {
    Failure {
        status: Some(status),
        retry_after: retry_after.map(Into::into),
        ..Failure::new(FailureKind::Status, "")
    }
}

#[test]
fn all_rate_limited_is_a_429_with_the_shortest_wait() {
    let all = vec![
        status(429, Some("30")),
        status(429, Some("7")),
        status(429, None),
        status(429, Some("Wed, 21 Oct 2026 07:28:00 GMT")),
    ];
    assert!(matches!(verdict(all), Exhausted::RateLimited(Some(7))));
    assert!(matches!(
        verdict(vec![status(429, None), status(500, None)]),
        Exhausted::AllFailed
    ));
}

#[test]
fn all_timed_out_is_a_504_and_a_mixture_a_502() {
    let late = || Failure::new(FailureKind::TimedOut, "");
    assert!(matches!(verdict(vec![late(), late()]), Exhausted::TimedOut));
    assert!(matches!(
        verdict(vec![late(), status(503, None)]),
        Exhausted::AllFailed
    ));
}

#[test]
fn what_the_request_is_at_fault_for_stops() {
    for stop in [400, 413, 422] {
        assert!(!status(stop, None).moves_on(), "{stop}");
    }
    for on in [401, 402, 403, 404, 408, 429, 500, 502, 503, 529] {
        assert!(status(on, None).moves_on(), "{on}");
    }
    assert!(Failure::new(FailureKind::Garbage, "").moves_on());
}

#[tokio::test]
async fn every_call_of_a_provider_without_a_record_is_counted() {
    let (breakers, alarm) = (breakers(), Counter::default());
    watched(&breakers, &["sick", "well"], &alarm).await;
    assert_eq!(alarm.get(), 2);
    // The first is skipped now, and not called.
    watched(&breakers, &["sick", "well"], &alarm).await;
    assert_eq!(alarm.get(), 3);
}
