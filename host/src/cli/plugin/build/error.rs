//! Why there is no component.

use std::io;
use std::path::PathBuf;

use super::compile::TARGET;
use super::encode::EncodeError;
use crate::cli::failure::Failure;

/// Why a project did not become components.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    /// There is no project.
    #[error("no project in {}: it has neither a Cargo.toml nor a policy.toml; make one with `ainfera plugin new`", .folder.display())]
    Project {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The manifest is not there.
    #[error("no manifest at {}: {source}; name one with --manifest-path", .path.display())]
    Manifest {
        /// As it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The policy.toml is not one.
    #[error("{}: {detail}", .path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// A tool could not be started.
    #[error("cannot run `{tool}`: {source}; {mend}")]
    Tool {
        /// Which.
        tool: String,
        /// What the system says.
        source: io::Error,
        /// How to get it.
        mend: &'static str,
    },
    /// The standard library for the target is missing.
    #[error("the target {TARGET} is not installed for this toolchain; run `rustup target add {TARGET}` in {}", .folder.display())]
    TargetMissing {
        /// Where the toolchain is chosen.
        folder: PathBuf,
    },
    /// The project's packages are not installed.
    #[error("the project's packages are not installed; run `{command}` in {}", .folder.display())]
    PackagesMissing {
        /// What installs them.
        command: &'static str,
        /// The project.
        folder: PathBuf,
    },
    /// A question to Cargo or rustc ended with an error.
    #[error("`{tool}` failed: {stderr}")]
    Failed {
        /// `cargo` or `rustc`.
        tool: &'static str,
        /// What it said.
        stderr: String,
    },
    /// The build ended with an error, which Cargo has printed.
    #[error(
        "Cargo could not build this: see its messages above (a missing Cargo.lock is made once with `cargo generate-lockfile`)"
    )]
    Compile,
    /// The build ended with an error, which the tool has printed.
    #[error("`{0}` could not build this: see its messages above")]
    Componentize(&'static str),
    /// A tool answered in a form that is not known.
    #[error("`{command}` answered in an unknown form: {detail}; is Cargo older than 1.95?")]
    Answer {
        /// What was run.
        command: &'static str,
        /// What is odd.
        detail: String,
    },
    /// Nothing in the package becomes a component.
    #[error("nothing to build in {}: a policy's Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`", .manifest.display())]
    Nothing {
        /// The manifest that was built.
        manifest: PathBuf,
    },
    /// A module is no component of the contract.
    #[error("{name}: {source}")]
    Encode {
        /// The Cargo target's name.
        name: String,
        /// Why.
        source: EncodeError,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Something is missing here, or the sources are wrong.
impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Compile
            | BuildError::Componentize(_)
            | BuildError::Nothing { .. }
            | BuildError::Encode { .. } => Self::refused(error),
            _ => Self::unusable(error),
        }
    }
}
