//! What a new policy may be called.

use std::str::FromStr;

/// The longest name, in bytes: what `describe` may say.
const MOST: usize = 64;

/// Names that Cargo or rustc take for something else.
const TAKEN: [&str; 8] = [
    "ainfera-policy",
    "alloc",
    "core",
    "dist",
    "proc-macro",
    "std",
    "test",
    "vendor",
];

/// A name that is good for a folder, a package in every language, and a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(String);

/// Why a text is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum NameError {
    #[error("use lowercase letters, digits and single dashes, a letter first, as in `my-dial`")]
    Form,
    #[error("it is longer than {MOST} bytes")]
    Long,
    #[error("the toolchain has another meaning for this name; add a word to it")]
    Taken,
}

impl Name {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if text.len() > MOST {
            return Err(NameError::Long);
        }
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.split('-').all(word) {
            return Err(NameError::Form);
        }
        if TAKEN.contains(&text) || is_keyword(text) {
            return Err(NameError::Taken);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether rustc refuses it as a crate's name.
fn is_keyword(text: &str) -> bool {
    const KEYWORDS: &str = " abstract as async await become box break const continue crate do \
        dyn else enum extern false final fn for gen if impl in let loop macro match mod move mut \
        override priv pub ref return self static struct super trait true try type typeof unsafe \
        unsized use virtual where while yield ";
    KEYWORDS.contains(&format!(" {text} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_every_toolchain_takes_are_taken() {
        for good in ["d", "my-dial", "dial2", "a-1-b"] {
            assert_eq!(good.parse(), Ok(Name(good.to_owned())));
        }
        for bad in [
            "", "-", "My-dial", "my_dial", "my--dial", "dial-", "-dial", "1st", "../up", "a/b",
            "a b", "dïal", "a\n",
        ] {
            assert_eq!(bad.parse::<Name>(), Err(NameError::Form), "{bad:?}");
        }
        for taken in ["test", "core", "match", "ainfera-policy", "try"] {
            assert_eq!(taken.parse::<Name>(), Err(NameError::Taken), "{taken}");
        }
        assert_eq!("a".repeat(65).parse::<Name>(), Err(NameError::Long));
    }
}
