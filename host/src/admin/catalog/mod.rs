//! `catalog`, `offers`, `models`: what can be routed to or pinned. Each change
//! is a new version, which the next call already uses.

mod edit;
mod next;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header::{CONTENT_TYPE, ETAG, IF_MATCH};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::{Params, Path};
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::catalog::{CatalogFile, Model, OfferEntry};
use crate::record::audit::EventName;
use crate::store::catalog::{self, CatalogVersion};
use crate::store::{Digest, StoreError};
use edit::{ModelWish, OfferWish};
use next::{Made, Next, change, without_key};

/// The most bytes of a catalog.
const MOST: usize = 4 << 20;

/// Which version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    version: Option<i64>,
}

/// A version of the catalog.
#[derive(Serialize, ToSchema)]
pub(super) struct Version {
    version: i64,
    /// When it was made; microseconds since the Unix epoch.
    at_us: i64,
    /// Who made it.
    actor: String,
    /// SHA-256 of the catalog as canonical JSON (RFC 8785).
    sha256: Digest,
    /// The version that calls are decided by now.
    in_force: i64,
    /// Active offers that get no calls, as the gateway was started without
    /// their provider's key.
    without_key: Vec<WithoutKey>,
    catalog: CatalogFile,
}

/// An active offer whose provider's key is missing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct WithoutKey {
    #[schema(example = "claude-opus-4-7@anthropic")]
    offer: String,
    /// The environment variable that is not set.
    #[schema(example = "ANTHROPIC_API_KEY")]
    key_env: String,
}

/// What a change has made.
#[derive(Serialize, ToSchema)]
pub(super) struct Changed {
    /// The version that calls are decided by now.
    version: i64,
    /// False where the newest version said the same: then it is that.
    changed: bool,
    /// Offers that take calls from now on.
    activated: Vec<String>,
    /// Offers that take none any more.
    darkened: Vec<String>,
    /// Active offers that get no calls, as the gateway was started without
    /// their provider's key.
    without_key: Vec<WithoutKey>,
}

/// What a change of an offer has made.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangedOffer {
    #[serde(flatten)]
    changed: Changed,
    /// The offer as it is now.
    offer: OfferEntry,
}

/// What a change of a model has made.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangedModel {
    #[serde(flatten)]
    changed: Changed,
    /// The model as it is now.
    model: Model,
}

/// The newest version of the catalog, or the one that is named.
#[utoipa::path(
    get,
    path = "/admin/v1/catalog",
    tag = "Catalog",
    params(("version" = Option<i64>, Query, description = "The number of the version.")),
    responses(
        (status = 200, description = "The version.", body = Version, headers(("etag" = String, description = "The version, for `if-match`."))),
        (status = 400, description = "`invalid_request`: the query has something else.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such version.", body = ErrorBody)
    )
)]
pub(super) async fn show_catalog(
    State(state): State<AdminState>,
    Params(which): Params<Which>,
) -> Result<impl IntoResponse, ApiError> {
    let version = match which.version {
        Some(version) => catalog::get(&state.store, version).await?,
        None => catalog::latest(&state.store).await?,
    };
    let version = version.ok_or_else(|| ApiError::not_found("there is no such catalog version"))?;
    let file = read(&version)?;
    let shown = Version {
        version: version.version,
        at_us: version.at_us,
        actor: version.actor,
        sha256: version.digest,
        in_force: state.routes.load().catalog.version,
        without_key: without_key(&file),
        catalog: file,
    };
    Ok(([(ETAG, format!("\"{}\"", version.version))], Json(shown)))
}

/// Makes a whole catalog the next version.
#[utoipa::path(
    put,
    path = "/admin/v1/catalog",
    tag = "Catalog",
    params(("if-match" = String, Header, description = "The newest version as it was read, such as `\"3\"`.")),
    request_body(content(
        (CatalogFile = "application/json"),
        (String = "application/toml")
    ), description = "The catalog, at most 4 MiB."),
    responses(
        (status = 200, description = "What it made. Audited as `catalog.imported`, and `offer.activated` or `offer.darkened` for each offer that this is true of.", body = Changed),
        (status = 400, description = "`invalid_request`: it is no catalog; the message says what is wrong.", body = ErrorBody),
        (status = 412, description = "`stale`: there is a newer version.", body = ErrorBody),
        (status = 413, description = "`too_large`: it is over 4 MiB.", body = ErrorBody),
        (status = 422, description = "`invalid_catalog`: it contradicts itself. `name_taken`: the policy routes one of its names.", body = ErrorBody),
        (status = 428, description = "`precondition_required`: there is no `if-match`.", body = ErrorBody)
    )
)]
pub(super) async fn put_catalog(
    State(state): State<AdminState>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let expected = expected(&headers)?.ok_or_else(|| {
        ApiError::new(
            StatusCode::PRECONDITION_REQUIRED,
            "precondition_required",
            "send the version that this catalog replaces as `if-match`; `GET /admin/v1/catalog` has it",
        )
    })?;
    let bytes = body::bytes(body, MOST, "a catalog is smaller").await?;
    let text = str::from_utf8(&bytes).map_err(|_| ApiError::bad_request("it is not UTF-8"))?;
    let toml = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/toml"));
    let read = if toml {
        CatalogFile::from_toml(text)
    } else {
        CatalogFile::from_json(text)
    };
    let file = read.map_err(|error| ApiError::bad_request(error.to_string()))?;
    let next = Next {
        caller,
        expected: Some(expected),
        act: EventName::CatalogImported,
        about: json!({}),
    };
    let Made { changed, .. } = change(state, next, move |catalog| {
        *catalog = file;
        Ok(())
    })
    .await?;
    Ok(Json(changed))
}

/// Changes an offer: activates it or takes it back, its prices, abilities and
/// limits. What is left out stays.
#[utoipa::path(
    patch,
    path = "/admin/v1/offers/{*id}",
    tag = "Catalog",
    params(
        ("id" = String, Path, description = "The offer's id, `slug@provider`; a slug may hold slashes."),
        ("if-match" = Option<String>, Header, description = "The newest version as it was read, such as `\"3\"`.")
    ),
    request_body = OfferWish,
    responses(
        (status = 200, description = "What it made. Audited as `catalog.changed`, and as `offer.activated` or `offer.darkened`.", body = ChangedOffer),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such offer.", body = ErrorBody),
        (status = 412, description = "`stale`: there is a newer version.", body = ErrorBody),
        (status = 422, description = "`invalid_catalog`: the offer would contradict itself.", body = ErrorBody)
    )
)]
pub(super) async fn change_offer(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (wish, _) = body::json::<OfferWish>(body).await?;
    let next = Next {
        caller,
        expected: expected(&headers)?,
        act: EventName::CatalogChanged,
        about: json!({"offer": id, "set": wish}),
    };
    let wanted = id.clone();
    let Made { changed, file } =
        change(state, next, move |catalog| wish.apply(catalog, &wanted)).await?;
    let offer = file.offers.into_iter().find(|offer| offer.id() == id);
    let offer = offer.ok_or_else(edit::no_offer)?;
    Ok(Json(ChangedOffer { changed, offer }))
}

/// Changes a model's quality. What is left out stays.
#[utoipa::path(
    patch,
    path = "/admin/v1/models/{*slug}",
    tag = "Catalog",
    params(
        ("slug" = String, Path, description = "The model's slug, which may hold slashes."),
        ("if-match" = Option<String>, Header, description = "The newest version as it was read, such as `\"3\"`.")
    ),
    request_body = ModelWish,
    responses(
        (status = 200, description = "What it made. Audited as `catalog.changed`.", body = ChangedModel),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such model.", body = ErrorBody),
        (status = 412, description = "`stale`: there is a newer version.", body = ErrorBody),
        (status = 422, description = "`invalid_catalog`: a quality is outside of [0, 1].", body = ErrorBody)
    )
)]
pub(super) async fn change_model(
    State(state): State<AdminState>,
    caller: Caller,
    Path(slug): Path,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (wish, _) = body::json::<ModelWish>(body).await?;
    let next = Next {
        caller,
        expected: expected(&headers)?,
        act: EventName::CatalogChanged,
        about: json!({"model": slug, "set": wish}),
    };
    let wanted = slug.clone();
    let Made { changed, file } =
        change(state, next, move |catalog| wish.apply(catalog, &wanted)).await?;
    let model = file.models.into_iter().find(|model| model.slug == slug);
    let model = model.ok_or_else(edit::no_model)?;
    Ok(Json(ChangedModel { changed, model }))
}

/// What a stored version says.
fn read(version: &CatalogVersion) -> Result<CatalogFile, StoreError> {
    serde_json::from_str(&version.body).map_err(|error| StoreError::Unreadable {
        what: "catalog",
        why: error.to_string(),
    })
}

/// The version that the caller takes for the newest.
fn expected(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    let bare = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    bare.parse().map(Some).map_err(|_| {
        ApiError::bad_request("`if-match` is the number of a catalog version, such as \"3\"")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_with_or_without_quotes() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_MATCH, text.parse().unwrap());
            expected(&headers).ok().flatten()
        };
        assert_eq!(expected(&HeaderMap::new()).unwrap(), None);
        assert_eq!((of("3"), of("\"3\"")), (Some(3), Some(3)));
        for text in ["", "*", "W/\"3\"", "\"3", "\"3\", \"4\"", "three"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
