//! Why a command did not do what it was asked.

use std::fmt;
use std::process::ExitCode;

use super::show::plain;
use crate::lifecycle::laws::Reason;
use crate::lifecycle::{Internal, Rejected};
use crate::policy::text::escaped;

/// A failure, with the exit code that it means.
#[derive(Debug)]
pub(super) enum Failure {
    /// The gateway, or the check, says no.
    Refused {
        /// What was refused and what to do.
        message: String,
        /// Every law broken.
        reasons: Vec<Reason>,
    },
    /// Wrong usage, or no gateway there.
    Unusable(String),
}

impl Failure {
    pub(super) fn refused(message: impl fmt::Display) -> Self {
        Self::Refused {
            message: message.to_string(),
            reasons: Vec::new(),
        }
    }

    pub(super) fn unusable(message: impl fmt::Display) -> Self {
        Self::Unusable(message.to_string())
    }

    /// A file that cannot be read or written.
    pub(super) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::Unusable(format!("{}: {error}", path.display()))
    }

    pub(super) fn code(&self) -> ExitCode {
        match self {
            Self::Refused { .. } => ExitCode::from(1),
            Self::Unusable(_) => ExitCode::from(2),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A file that is not understood may be quoted.
            Self::Unusable(message) => write!(f, "error: {}", escaped(message)),
            Self::Refused { message, reasons } => {
                write!(f, "error: {}", plain(message))?;
                reasons.iter().try_for_each(
                    |Reason {
                         code,
                         law,
                         input,
                         message,
                     }| {
                        write!(f, "\n  - {}", plain(message))?;
                        write!(f, "\n    {}", code.as_str())?;
                        law.iter()
                            .try_for_each(|law| write!(f, " {}", plain(law)))?;
                        input
                            .iter()
                            .try_for_each(|input| write!(f, "\n    input: {}", plain(input)))
                    },
                )
            }
        }
    }
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        Self::Refused {
            message: "the component is rejected".to_owned(),
            reasons: rejected.reasons,
        }
    }
}

impl From<Internal> for Failure {
    fn from(error: Internal) -> Self {
        Self::unusable(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Unusable(format!(
            "the gateway's answer is not understood: {error}; is it of another version?"
        ))
    }
}
