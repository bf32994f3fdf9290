//! A call that is run to its end, whether or not its client waits for it.

use std::panic::resume_unwind;

use axum::body::{Body, HttpBody as _};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::StatusCode;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::oneshot;

/// How many pieces of a stream may wait for a client: as long as it is there,
/// it sets the pace.
const AHEAD: usize = 1;

/// A piece of a stream, or that there are no more.
enum Piece {
    Bytes(Bytes),
    End,
}

/// A stream without its end.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
struct BrokenOff;

/// Runs `call`, and the stream that it may answer with, in a task of their own.
/// A client that is there gets the answer as it comes; that it leaves changes
/// nothing.
pub async fn to_its_end(call: impl Future<Output = Response> + Send + 'static) -> Response {
    let (begun, answer) = oneshot::channel();
    let task = tokio::spawn(async move {
        let (parts, body) = call.await.into_parts();
        // Whoever waits may have left: then nobody takes what is sent.
        if body.size_hint().exact().is_some() {
            let _ = begun.send(Response::from_parts(parts, body));
            return;
        }
        let (pieces, waiting) = mpsc::channel(AHEAD);
        let read = Body::from_stream(read(waiting));
        let _ = begun.send(Response::from_parts(parts, read));
        pump(body, pieces).await;
    });
    if let Ok(response) = answer.await {
        return response;
    }
    match task.await.map_err(|error| error.try_into_panic()) {
        // As in a call that has no task of its own.
        Err(Ok(panic)) => resume_unwind(panic),
        // The process ends.
        Ok(()) | Err(Err(_)) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Takes all of `body`, and passes it on as long as somebody reads.
async fn pump(body: Body, pieces: Sender<Piece>) {
    let mut body = body.into_data_stream();
    let mut pieces = Some(pieces);
    while let Some(Ok(bytes)) = body.next().await {
        if let Some(reader) = &pieces
            && reader.send(Piece::Bytes(bytes)).await.is_err()
        {
            pieces = None;
        }
    }
    if let Some(reader) = pieces {
        let _ = reader.send(Piece::End).await;
    }
}

/// What is pumped. Without an end, as when the task died, it breaks off and
/// does not look whole.
fn read(pieces: Receiver<Piece>) -> impl Stream<Item = Result<Bytes, BrokenOff>> {
    stream::unfold(Some(pieces), |pieces| async {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(pieces))),
            Some(Piece::End) => None,
            None => Some((Err(BrokenOff), None)),
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// A stream of so many pieces that counts what is taken of it, and panics
    /// after the last where it shall.
    fn counted(many: usize, taken: &Arc<AtomicUsize>, panics: bool) -> Response {
        let taken = Arc::clone(taken);
        let pieces = stream::iter(0..many).map(move |piece| {
            assert!(!panics || piece + 1 < many, "as this test wants");
            taken.fetch_add(1, Ordering::SeqCst);
            Ok::<_, BrokenOff>(Bytes::from_static(b"piece"))
        });
        Body::from_stream(pieces).into_response()
    }

    async fn until(taken: &AtomicUsize, many: usize) {
        while taken.load(Ordering::SeqCst) < many {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_reader_gets_all_of_it() {
        let taken = Arc::default();
        let call = counted(9, &taken, false);
        let body = to_its_end(async { call }).await.into_body();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        assert_eq!(bytes, "piece".repeat(9));
        let whole = to_its_end(async { "whole".into_response() }).await;
        assert_eq!(whole.body().size_hint().exact(), Some(5));
    }

    #[tokio::test]
    async fn a_reader_sets_the_pace_until_it_leaves() {
        let taken = Arc::default();
        let call = counted(100, &taken, false);
        let mut body = to_its_end(async { call })
            .await
            .into_body()
            .into_data_stream();
        body.next().await.unwrap().unwrap();
        until(&taken, 2).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(taken.load(Ordering::SeqCst) <= 2 + AHEAD);
        drop(body);
        until(&taken, 100).await;
    }

    #[tokio::test]
    async fn a_reader_that_leaves_early_changes_nothing() {
        let taken = Arc::default();
        let call = counted(3, &taken, false);
        let (go, wait) = oneshot::channel::<()>();
        let mut client = Box::pin(to_its_end(async {
            let _ = wait.await;
            call
        }));
        assert!(futures_util::poll!(client.as_mut()).is_pending());
        drop(client);
        go.send(()).unwrap();
        until(&taken, 3).await;
    }

    #[tokio::test]
    async fn a_panic_reaches_the_reader() {
        let panics = tokio::spawn(to_its_end(async { panic!("as this test wants") })).await;
        assert!(panics.unwrap_err().is_panic());
        let taken = Arc::default();
        let call = counted(3, &taken, true);
        let body = to_its_end(async { call }).await.into_body();
        assert!(axum::body::to_bytes(body, usize::MAX).await.is_err());
    }
}
