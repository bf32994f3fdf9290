//! An evaluation that misses its wall-clock deadline says nothing of the
//! component where the machine is busy: it is asked again.

use crate::policy::Fault;

/// Times that an evaluation may miss it.
const TRIES: u32 = 5;

/// The answer, asked for again where only the clock was missed.
pub(super) fn patiently<T>(ask: impl Fn() -> Result<T, Fault>) -> Result<T, Fault> {
    let mut tries = 1;
    loop {
        match ask() {
            Err(Fault::Deadline) if tries < TRIES => tries += 1,
            answer => return answer,
        }
    }
}
