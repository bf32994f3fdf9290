//! Long work: a call is answered when its work is done, or after its caller's
//! patience with 202 and the place where the answer will be.
//!
//! Work goes on when its caller leaves. Its answer is kept in memory for a
//! while: a restart forgets it, and whoever asks the same again does no harm.

mod kept;

use std::time::Duration;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::AdminState;
use super::auth::Caller;
use super::body::{self, Path};
use super::error::{ApiError, ErrorBody};
use super::prefer::Prefer;
use crate::store::{WorkId, now_us};
pub use kept::Works;
use kept::{Done, Kept};

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// How long a call waits that says nothing of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most bytes of an answer: all that routes with long work answer are
/// bounded below it.
const MOST: usize = 16 << 20;

/// Work that outlasted the patience of its caller.
#[derive(Serialize, ToSchema)]
pub(super) struct Work {
    #[schema(value_type = String, example = "wrk_0379257800000003")]
    id: WorkId,
    state: WorkState,
    /// When it was begun; microseconds since the Unix epoch.
    started_us: i64,
    /// The status that the call would have been answered with; once it is done.
    status: Option<u16>,
    /// The body that the call would have been answered with; once it is done.
    #[schema(value_type = Option<Object>)]
    answer: Option<Box<RawValue>>,
}

/// How far work has come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WorkState {
    /// Its answer is not known yet.
    Running,
    /// `status` and `answer` are its answer.
    Done,
}

/// Answers with what `act` answers, or with 202 if it takes longer than its
/// `owner` waits. It runs to its end either way.
pub(super) async fn answer(
    state: &AdminState,
    prefer: Prefer,
    owner: &str,
    act: impl Future<Output = Result<Response, ApiError>> + Send + 'static,
) -> Result<Response, ApiError> {
    let place = state.works.place().ok_or_else(|| {
        let message = "too much is being worked on; try again in a few seconds";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    })?;
    let started_us = now_us();
    let (tell, done) = watch::channel(None);
    tokio::spawn(async move {
        let answer = read(act.await.into_response()).await;
        drop(place);
        tell.send_replace(Some(answer));
    });
    let mut kept = Kept {
        owner: owner.to_owned(),
        started_us,
        done,
    };
    let done = match prefer.patience(PATIENCE) {
        // Whoever does not wait is never answered by chance.
        Duration::ZERO => None,
        patience => ended(&mut kept, patience).await,
    };
    let mut response = match done {
        Some(done) => done.into_response(),
        None => {
            let id = WorkId::random().map_err(|error| unrandom(&error))?;
            let work = Work::of(id, started_us, None);
            state.works.keep(id, kept);
            let location = format!("/admin/v1/work/{id}");
            let again = (RETRY_AFTER, HeaderValue::from_static("1"));
            let mut response = (StatusCode::ACCEPTED, [again], Json(work)).into_response();
            if let Ok(location) = location.parse() {
                response.headers_mut().insert(LOCATION, location);
            }
            response
        }
    };
    apply(prefer, &mut response);
    Ok(response)
}

/// Work that is going on or was done lately, by the caller who began it.
#[utoipa::path(
    get,
    path = "/admin/v1/work/{id}",
    tag = "Service",
    params(
        ("id" = String, Path, description = "The id in the `location` of a 202, `wrk_…`."),
        ("prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds, at most 120, for its end.")
    ),
    responses(
        (status = 200, description = "How far it has come, and its answer once it is done.", body = Work),
        (status = 404, description = "`not_found`: there is none of this id, or it ended more than ten minutes ago, or the gateway was started again since. Ask for the same again: what is done is not done twice.", body = ErrorBody)
    )
)]
pub(super) async fn get_work(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
    prefer: Prefer,
) -> Result<Response, ApiError> {
    let id: WorkId = body::id(&id)?;
    let mut kept = state.works.find(id, &caller.to_string()).ok_or_else(|| {
        ApiError::not_found(
            "there is no such work: it ended some time ago, or the gateway was started again; ask for the same again",
        )
    })?;
    let done = ended(&mut kept, prefer.patience(Duration::ZERO)).await;
    let mut response = Json(Work::of(id, kept.started_us, done)).into_response();
    apply(prefer, &mut response);
    Ok(response)
}

impl Work {
    fn of(id: WorkId, started_us: i64, done: Option<Done>) -> Self {
        let text = done
            .as_ref()
            .map(|done| String::from_utf8_lossy(&done.body).into_owned());
        Self {
            id,
            state: done
                .as_ref()
                .map_or(WorkState::Running, |_| WorkState::Done),
            started_us,
            status: done.map(|done| done.status.as_u16()),
            answer: text.and_then(|text| RawValue::from_string(text).ok()),
        }
    }
}

/// What the work answered, if it does so within `patience`.
async fn ended(kept: &mut Kept, patience: Duration) -> Option<Done> {
    // An error of the wait is work that broke down, which is an end as well.
    let _ = timeout(patience, kept.done.wait_for(Option::is_some)).await;
    kept.now()
}

/// Answers of this API are JSON and short.
async fn read(response: Response) -> Done {
    let (parts, body) = response.into_parts();
    match to_bytes(body, MOST).await {
        Ok(body) => Done {
            status: parts.status,
            body,
        },
        Err(_) => Done::broken(),
    }
}

fn apply(prefer: Prefer, response: &mut Response) {
    if let Some(applied) = prefer.applied() {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
}

fn unrandom(error: &getrandom::Error) -> ApiError {
    ApiError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        error.to_string(),
    )
}
