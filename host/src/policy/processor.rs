//! The processor: how much of it a thread has used, and giving way to others.

use std::io;
use std::time::Duration;

use rustix::process::setpriority_process;
use rustix::thread::gettid;
use rustix::time::{ClockId, clock_gettime};

/// What the calling thread has used of it, ever. Unlike a clock's time it does not
/// pass while the machine does other things.
#[must_use]
pub fn used() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanos)
}

/// Gives the calling thread, and those that it starts, this much less of the
/// processor where others want it: 19 is the least. There is no way back.
///
/// # Errors
/// If the system refuses; the thread is then merely a worse neighbour.
pub fn give_way(niceness: i32) -> io::Result<()> {
    // Linux takes the id of a thread where others know processes alone.
    Ok(setpriority_process(Some(gettid()), niceness)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn waiting_uses_nothing_and_working_does() {
        let started = used();
        std::thread::sleep(Duration::from_millis(100));
        let waited = used() - started;
        assert!(waited < Duration::from_millis(50), "{waited:?}");
        while used() - started < Duration::from_millis(50) {}
    }

    #[test]
    fn one_thread_gives_way_and_no_other() {
        let niceness = || rustix::process::getpriority_process(Some(gettid())).unwrap();
        let before = niceness();
        let after = std::thread::spawn(move || {
            give_way(19).unwrap();
            niceness()
        });
        assert_eq!(after.join().unwrap(), 19);
        assert_eq!(niceness(), before);
    }
}
