//! How long a signed statement holds, and its nonce: the same for all that
//! founders sign.

use jiff::{SignedDuration, Timestamp};

/// How long a statement may be valid.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How far the founder's clock may be from ours.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Why a statement does not hold now.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WindowError {
    /// Its time has not come.
    #[error(
        "the authorization is not valid before {0}; wait, or check the clock of the machine that signed"
    )]
    NotYet(Timestamp),
    /// Its time is over.
    #[error("the authorization expired at {0}; sign it again, with the command that made it")]
    Expired(Timestamp),
    /// Longer than may be, or ending before it begins.
    #[error(
        "the authorization's window from {0} to {1} is not one of at most 7 days; sign with a shorter one"
    )]
    Length(Timestamp, Timestamp),
    /// No nonce.
    #[error(
        "the authorization's nonce is not 32 lowercase hexadecimal digits; sign it with `ainfera plugin authorize` or `ainfera founder`"
    )]
    Nonce,
}

/// A fresh nonce: 128 random bits, in hexadecimal digits.
///
/// # Errors
/// If the system has no random numbers.
pub fn nonce() -> Result<String, getrandom::Error> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce)?;
    Ok(format!("{:032x}", u128::from_be_bytes(nonce)))
}

/// Whether a statement with this nonce, valid from `from` to `to`, holds at
/// `now`.
///
/// # Errors
/// If it does not.
pub fn holds(
    nonce: &str,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<(), WindowError> {
    let digit = |b| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if nonce.len() != 32 || !nonce.bytes().all(digit) {
        return Err(WindowError::Nonce);
    }
    if to <= from || to.duration_since(from) > LONGEST {
        return Err(WindowError::Length(from, to));
    }
    if from.duration_since(now) > CLOCK_SKEW {
        return Err(WindowError::NotYet(from));
    }
    if over(to, now) {
        return Err(WindowError::Expired(to));
    }
    Ok(())
}

/// Whether a statement that is valid until `to` is so no more.
#[must_use]
pub fn over(to: Timestamp, now: Timestamp) -> bool {
    now.duration_since(to) > CLOCK_SKEW
}
