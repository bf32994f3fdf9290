//! What routes answer, as it is documented.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Response, Schema};

use super::errors::{self, BODY, CALLED, Case, KEYED, NAMED, SERVED};
use super::forms::reference;
use super::headers::{self, Route};
use super::sample;
use crate::dialect::Dialect;
use crate::gateway::error::ApiError;

/// Both shapes in which models are told of.
const BOTH: [Dialect; 2] = [Dialect::Anthropic, Dialect::OpenaiChat];

/// The answers to a call in `dialect`, whole or as events.
pub fn inference<Whole: ToSchema, Event: ToSchema>(
    dialect: Dialect,
) -> BTreeMap<String, RefOr<Response>> {
    let cases = [&KEYED[..], &BODY, &NAMED, &SERVED, &CALLED].concat();
    let mut responses = errors::responses(&cases, Route::Call, &[dialect]);
    let whole = ContentBuilder::new()
        .schema(Some(reference::<Whole>()))
        .example(serde_json::from_slice(&sample::whole(dialect)).ok());
    let data = ObjectBuilder::new()
        .schema_type(Type::String)
        .content_media_type("application/json")
        .description(Some(format!("A `{}`.", Event::name())));
    let event = ObjectBuilder::new()
        .description(Some("One of the server-sent events."))
        .property("data", data)
        .required("data");
    let stream = ContentBuilder::new()
        .schema(Some(event))
        .example(Some(sample::stream(dialect).into()));
    let answered = ResponseBuilder::new()
        .description("The answer; as events where `stream` is true. Its end comes when the call is recorded.")
        .content("application/json", whole.build())
        .content("text/event-stream", stream.build());
    let answered = headers::add(answered, Route::Call, "200", &[dialect]);
    responses.insert("200".to_owned(), answered.into());
    responses
}

/// The answers to a request to count tokens.
pub fn counted<Count: ToSchema>() -> BTreeMap<String, RefOr<Response>> {
    let cases = [&KEYED[..], &BODY, &NAMED, &SERVED].concat();
    let counted = "The provider's own count, where it counts; else an estimate: a token for each 4 bytes of text, rounded up, and 1,600 for each image.";
    answered(
        &cases,
        Route::Count,
        &[Dialect::Anthropic],
        counted,
        reference::<Count>(),
    )
}

/// The answers to a request for a page of models.
pub fn listed<Anthropic: ToSchema, Openai: ToSchema>() -> BTreeMap<String, RefOr<Response>> {
    let page = Case {
        error: || ApiError::invalid("`limit` must be an integer from 1 to 1000"),
        when: "there is no such page",
    };
    let cases = [&KEYED[..], &[page]].concat();
    let listed = "The routing targets, then the models that the key's agent may use and that can be called now.";
    answered(
        &cases,
        Route::Look,
        &BOTH,
        listed,
        either::<Anthropic, Openai>(),
    )
}

/// The answers to a request for one model.
pub fn found<Anthropic: ToSchema, Openai: ToSchema>() -> BTreeMap<String, RefOr<Response>> {
    let garbled = Case {
        error: || ApiError::invalid("the model's id is not UTF-8"),
        when: "the id is not UTF-8",
    };
    let cases = [&KEYED[..], &NAMED, &[garbled]].concat();
    let found = "The model; for an alias, the routing target that it stands for.";
    answered(
        &cases,
        Route::Look,
        &BOTH,
        found,
        either::<Anthropic, Openai>(),
    )
}

/// The answers to a request for one of the caller's own records. `cases` are
/// those of its own.
pub fn own<Record: ToSchema>(
    cases: &[Case],
    description: &str,
    example: Option<serde_json::Value>,
) -> BTreeMap<String, RefOr<Response>> {
    let unavailable = Case {
        error: || ApiError::records_unavailable("the records database does not answer; retry"),
        when: "the records can't be read",
    };
    let cases = [&KEYED[..], cases, &[unavailable]].concat();
    let mut responses = errors::responses(&cases, Route::Own, &BOTH);
    let content = ContentBuilder::new()
        .schema(Some(reference::<Record>()))
        .example(example);
    let found = ResponseBuilder::new()
        .description(description)
        .content("application/json", content.build());
    let found = headers::add(found, Route::Own, "200", &BOTH);
    responses.insert("200".to_owned(), found.into());
    responses
}

fn answered(
    cases: &[Case],
    route: Route,
    dialects: &[Dialect],
    description: &str,
    schema: RefOr<Schema>,
) -> BTreeMap<String, RefOr<Response>> {
    let mut responses = errors::responses(cases, route, dialects);
    let content = ContentBuilder::new().schema(Some(schema));
    let answered = ResponseBuilder::new()
        .description(description)
        .content("application/json", content.build());
    let answered = headers::add(answered, route, "200", dialects);
    responses.insert("200".to_owned(), answered.into());
    responses
}

fn either<A: ToSchema, B: ToSchema>() -> RefOr<Schema> {
    AnyOfBuilder::new()
        .item(reference::<A>())
        .item(reference::<B>())
        .into()
}
