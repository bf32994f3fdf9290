//! Waiting for another connection's write lock.
//!
//! SQLite's own wait sleeps for 1, 2, 5, 10 ms and more. Most locks are held for one
//! commit, less than a millisecond, and every call of the gateway would wait along.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// How long a commit waits at most: longer, and it is better to refuse calls.
const MOST: Duration = Duration::from_secs(4);

/// Sleeps between two looks: an eighth of what was waited, within these bounds.
const SHORTEST: Duration = Duration::from_micros(50);
const LONGEST: Duration = Duration::from_millis(10);

thread_local! {
    /// How long this thread waits. SQLite's handler is a function that knows nothing.
    static LIMIT: Cell<Duration> = const { Cell::new(MOST) };
    static SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Lets `connection`, which is this thread's, wait for `limit`, or as long as a
/// commit may.
pub(super) fn wait(connection: &Connection, limit: Duration) -> rusqlite::Result<()> {
    LIMIT.set(limit.min(MOST));
    connection.busy_handler(Some(again))
}

/// Whether to look again, after a sleep; asked for the `looks`-th time.
fn again(looks: i32) -> bool {
    let now = Instant::now();
    let since = match SINCE.get() {
        Some(since) if looks > 0 => since,
        _ => {
            SINCE.set(Some(now));
            now
        }
    };
    let waited = now.saturating_duration_since(since);
    let go_on = waited < LIMIT.get();
    if go_on {
        thread::sleep((waited / 8).clamp(SHORTEST, LONGEST));
    }
    go_on
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_waited_for_until_it_is_free_and_no_longer_than_the_limit() {
        let name = format!("ainfera-busy-{}.db", std::process::id());
        let path = std::env::temp_dir().join(name);
        let holder = Connection::open(&path).unwrap();
        let begin = "BEGIN IMMEDIATE";
        holder.execute_batch(begin).unwrap();
        let limit = Duration::from_millis(300);
        let waiter = Connection::open(&path).unwrap();
        wait(&waiter, limit).unwrap();
        let began = Instant::now();
        let error = waiter.execute_batch(begin).unwrap_err();
        assert!(began.elapsed() >= limit);
        assert_eq!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseBusy)
        );
        let other = path.clone();
        let waiting = thread::spawn(move || {
            let waiter = Connection::open(other).unwrap();
            wait(&waiter, Duration::MAX).unwrap();
            waiter.execute_batch(begin)
        });
        thread::sleep(Duration::from_millis(50));
        holder.execute_batch("COMMIT").unwrap();
        waiting.join().unwrap().unwrap();
        std::fs::remove_file(path).unwrap();
    }
}
