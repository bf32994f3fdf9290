//! Which page of the audit log is asked for.

use axum::extract::Query;
use http::Uri;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::gateway::error::ApiError;
use crate::store::audit::row_id;

/// Events on a page where the caller does not say.
const DEFAULT_LIMIT: u32 = 100;
/// The most events on a page.
const MAX_LIMIT: u32 = 1000;

/// Which page is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many events at most; 100 where it is not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Those before this place; not beside `after`.
    #[param(pattern = r"^\d{1,6}\.\d{1,12}$")]
    before: Option<String>,
    /// Those after this place. Without either: the latest.
    #[param(pattern = r"^\d{1,6}\.\d{1,12}$")]
    after: Option<String>,
}

impl PageQuery {
    /// Reads the query string of `uri`. What is not known is passed over.
    ///
    /// # Errors
    /// 400 that names what is wrong.
    pub fn read(uri: &Uri) -> Result<Self, ApiError> {
        let Query(query) = Query::<Self>::try_from_uri(uri)
            .map_err(|error| ApiError::invalid(error.body_text()))?;
        if query
            .limit
            .is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit))
        {
            return Err(ApiError::invalid(
                "`limit` must be an integer from 1 to 1000",
            ));
        }
        Ok(query)
    }

    /// How many events the page has at most.
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// The row that the page is next to, and whether it comes after that.
    ///
    /// # Errors
    /// 400 that names what is wrong.
    pub fn from(&self) -> Result<(i64, bool), ApiError> {
        let place = |name, text: &str| {
            place(text).ok_or_else(|| {
                ApiError::invalid(format!(
                    "`{name}` must be a `before` or `after` of another page"
                ))
            })
        };
        match (&self.before, &self.after) {
            (Some(_), Some(_)) => Err(ApiError::invalid(
                "`before` and `after` can't be used together: leave one",
            )),
            (Some(before), None) => Ok((place("before", before)?, false)),
            (None, Some(after)) => Ok((place("after", after)?, true)),
            (None, None) => Ok((i64::MAX, false)),
        }
    }
}

/// The row at `chain.seq`.
fn place(text: &str) -> Option<i64> {
    let (chain, seq) = text.split_once('.')?;
    let number = |text: &str, most: usize| {
        let plain = text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten()
    };
    // So many that a row's id still has room for them.
    let (chain, seq): (i64, i64) = (number(chain, 6)?, number(seq, 12)?);
    Some(row_id(chain, seq))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn from(query: &str) -> Result<(i64, bool), String> {
        let uri = format!("/v1/agents/a/audit?{query}").parse().unwrap();
        PageQuery::read(&uri)
            .and_then(|query| query.from())
            .map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn pages_go_both_ways() {
        for (query, place) in [
            ("", (i64::MAX, false)),
            ("limit=1000&beta=true", (i64::MAX, false)),
            ("before=1.7", (row_id(1, 7), false)),
            ("after=0.0", (0, true)),
            (
                "after=999999.999999999999",
                (row_id(999_999, 999_999_999_999), true),
            ),
        ] {
            assert_eq!(from(query), Ok(place), "{query}");
        }
    }

    #[test]
    fn what_is_no_page_is_refused_by_name() {
        for (query, says) in [
            ("limit=0", "`limit` must be"),
            ("limit=1001", "`limit` must be"),
            ("limit=-1", "limit"),
            ("before=1", "`before` must be"),
            ("before=1.+2", "`before` must be"),
            ("after=-1.2", "`after` must be"),
            ("after=9999999.1", "`after` must be"),
            ("after=.", "`after` must be"),
            ("after=1.1&before=1.1", "together"),
        ] {
            let error = from(query).unwrap_err();
            assert!(error.contains(says), "{query}: {error}");
        }
    }
}
