//! Asking before something is signed.

use std::io::{self, BufRead as _, Write as _};

/// Whether the person at the terminal types yes to `what`.
pub(super) fn confirmed(what: &str) -> io::Result<bool> {
    print!("type yes to {what}: ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
