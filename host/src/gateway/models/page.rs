//! Pages of models, as Anthropic's API has them.
//!
//! Format: <https://docs.anthropic.com/en/api/models-list>.

use axum::extract::Query;
use http::Uri;
use serde::Deserialize;
use utoipa::IntoParams;

use super::known::Model;
use crate::gateway::error::ApiError;

/// Models on a page where the caller does not say.
const DEFAULT_LIMIT: usize = 20;
/// The most models on a page.
const MAX_LIMIT: usize = 1000;

/// Which page is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many; 20 where it is not given. Anthropic's shape only, as the other
    /// two.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Those before this id.
    before_id: Option<String>,
    /// Those after this id; not beside `before_id`.
    after_id: Option<String>,
}

impl PageQuery {
    /// Reads the query string of `uri`. What is not known is passed over.
    ///
    /// # Errors
    /// 400 that names what is wrong.
    pub fn read(uri: &Uri) -> Result<Self, ApiError> {
        let Query(query) = Query::<Self>::try_from_uri(uri)
            .map_err(|error| ApiError::invalid(error.body_text()))?;
        if !query
            .limit
            .is_none_or(|limit| (1..=MAX_LIMIT).contains(&limit))
        {
            return Err(ApiError::invalid(
                "`limit` must be an integer from 1 to 1000",
            ));
        }
        if query.before_id.is_some() && query.after_id.is_some() {
            return Err(ApiError::invalid(
                "`before_id` and `after_id` can't be used together: leave one",
            ));
        }
        Ok(query)
    }
}

/// A part of a list.
#[derive(Debug)]
pub struct Page<'a> {
    /// The models on it.
    pub models: &'a [Model],
    /// Whether more come in the direction that was asked for.
    pub has_more: bool,
}

impl<'a> Page<'a> {
    /// The page of `all` that `query` asks for.
    ///
    /// # Errors
    /// 400 for an id that is not in the list.
    pub fn of(all: &'a [Model], query: &PageQuery) -> Result<Self, ApiError> {
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        let position = |field, id: &str| {
            all.iter().position(|model| model.id == id).ok_or_else(|| {
                ApiError::invalid(format!("`{field}` is not the id of a listed model"))
            })
        };
        let (start, end) = match (&query.before_id, &query.after_id) {
            (Some(id), _) => {
                let end = position("before_id", id)?;
                (end.saturating_sub(limit), end)
            }
            (None, after) => {
                let start = match after {
                    Some(id) => position("after_id", id)? + 1,
                    None => 0,
                };
                (start, all.len().min(start + limit))
            }
        };
        let has_more = match query.before_id {
            Some(_) => start > 0,
            None => end < all.len(),
        };
        Ok(Self {
            models: all.get(start..end).unwrap_or_default(),
            has_more,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<(String, bool), String> {
        let all: Vec<_> = ["a", "b", "c", "d", "e"]
            .map(|id| Model {
                id: id.to_owned(),
                owner: String::new(),
            })
            .into();
        let uri = format!("/v1/models?{query}").parse().unwrap();
        let page = PageQuery::read(&uri).and_then(|query| Page::of(&all, &query));
        page.map(|page| {
            let ids = page.models.iter().map(|model| &*model.id).collect();
            (ids, page.has_more)
        })
        .map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn pages_go_both_ways() {
        for (query, ids, has_more) in [
            ("", "abcde", false),
            ("beta=true", "abcde", false),
            ("limit=5", "abcde", false),
            ("limit=2", "ab", true),
            ("limit=2&after_id=b", "cd", true),
            ("limit=2&after_id=c", "de", false),
            ("after_id=e", "", false),
            ("limit=2&before_id=d", "bc", true),
            ("limit=2&before_id=c", "ab", false),
            ("before_id=a", "", false),
        ] {
            assert_eq!(page(query), Ok((ids.to_owned(), has_more)), "{query}");
        }
    }

    #[test]
    fn what_is_no_page_is_refused_by_name() {
        for (query, says) in [
            ("limit=0", "`limit` must be"),
            ("limit=1001", "`limit` must be"),
            ("limit=x", "limit"),
            ("limit=1&limit=2", "limit"),
            ("after_id=z", "`after_id` is not"),
            ("before_id=", "`before_id` is not"),
            ("before_id=a&after_id=b", "together"),
        ] {
            let error = page(query).unwrap_err();
            assert!(error.contains(says), "{query}: {error}");
        }
    }
}
