//! Work that takes long and gives way to traffic: components are tried and
//! decisions replayed on threads of lower priority than those that answer calls.

use std::thread;

use tokio::sync::oneshot;

use super::error::Internal;
use crate::policy::processor;

/// A tenth of what a thread of traffic gets where both want the processor: enough
/// to come to an end on a machine that is never idle.
const NICENESS: i32 = 10;

/// Runs `work` on a thread of its own. It goes on where the caller leaves.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Internal> {
    let (tell, done) = oneshot::channel();
    thread::Builder::new()
        .name("background".to_owned())
        .spawn(move || {
            give_way();
            // Nobody hears it where the caller has left.
            let _ = tell.send(work());
        })?;
    Ok(done.await?)
}

/// Lets the calling thread give way to traffic from now on.
pub(super) fn give_way() {
    if let Err(error) = processor::give_way(NICENESS) {
        tracing::debug!(%error, "background work has the priority of calls");
    }
}
