//! What commands print.

mod replay;
mod report;

use serde_json::Value;

pub(super) use replay::{example, replay, tally};
pub(super) use report::report;

use super::failure::Failure;

/// `println!`, but for a reader who stops reading (`| head`), which is no
/// failure of the command.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

pub(in crate::cli) use say;

/// Prints JSON for machines.
pub(in crate::cli) fn json(value: &Value) -> Result<(), Failure> {
    say!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// `text` as it can be shown on a terminal: no control characters.
pub(in crate::cli) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}
