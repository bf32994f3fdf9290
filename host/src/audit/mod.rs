//! The audit as a whole: verified without the gateway that wrote it, exported,
//! and vouched for by signed checkpoints.

pub mod checkpoint;
pub mod database;
pub mod keeper;
pub mod key;
pub mod line;
pub mod verify;

pub use keeper::Keeper;
pub use line::Line;
pub use verify::{Report, Verifier};
