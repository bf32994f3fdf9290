//! The life of a policy: a component is uploaded and verified, a change is
//! proposed, a founder authorizes it, it becomes active, and it can be rolled
//! back. No HTTP in here; `admin` and `cli` speak for it.
//!
//! Every act and its audit event are one commit. What is active changes in
//! memory right after, and only where that commit succeeded.

mod activate;
mod authorize;
mod background;
mod boot;
mod builtin;
mod error;
mod follow;
mod founders;
mod gates;
mod history;
mod library;
mod load;
mod names;
mod propose;
mod resident;
mod revoke;
mod rollback;
mod rotate;
mod service;
mod signed;
mod tally;
mod watch;

pub mod diff;
pub mod dsse;
pub mod evaluate;
pub mod grid;
pub mod keyring;
pub mod keys;
pub mod laws;
pub mod questions;
pub mod replay;
pub mod report;
pub mod reproduce;
pub mod sandbox;
pub mod shadow;
pub mod spread;
pub mod statement;
pub mod verify;
pub mod window;

pub use activate::Activated;
pub use authorize::{AuthorizeError, Authorized, Carried};
pub use boot::{BootError, Options, start};
pub use builtin::reference;
pub use error::Internal;
pub use follow::FollowError;
pub use founders::EnrolError;
pub use gates::{GateError, ROUTING_PREFERENCE_LIVE};
pub use library::{IsModel, Upload, UploadError};
pub use load::LoadedError;
pub use names::{NamesError, routed_names};
pub use propose::{ProposeError, Proposed};
pub use revoke::RevokeError;
pub use rollback::RollbackError;
pub use rotate::{KeysSigned, RotateError};
pub use service::Lifecycle;
pub use signed::Signed;
pub use verify::{Rejected, Verified, verify};

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests;
