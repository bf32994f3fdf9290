//! What people call things.

use super::error::ApiError;

/// The most characters of a name.
const LONGEST: usize = 100;

/// `name`, if it can be shown everywhere.
pub(super) fn check(name: String) -> Result<String, ApiError> {
    text("name", name)
}

/// The text of `field`, if it can be.
pub(super) fn text(field: &str, name: String) -> Result<String, ApiError> {
    let shown = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    let fits = !name.is_empty()
        && name.chars().count() <= LONGEST
        && name.trim() == name
        && name.chars().all(shown);
    if fits {
        return Ok(name);
    }
    Err(ApiError::bad_request(format!(
        "`{field}` needs 1 to {LONGEST} characters, no control characters, and no white space around it"
    )))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_shown_is_no_name() {
        let long = "ä".repeat(LONGEST);
        for name in ["a", "Acme & Söhne 株式会社", &long] {
            assert_eq!(check(name.to_owned()).unwrap(), name);
        }
        let longer = "a".repeat(LONGEST + 1);
        for name in [
            "",
            " ",
            " a",
            "a\n",
            "a\0b",
            "\u{1b}[2J",
            "a\u{85}b",
            "a\u{2028}b",
            &longer,
        ] {
            assert!(check(name.to_owned()).is_err(), "{name:?}");
        }
    }
}
