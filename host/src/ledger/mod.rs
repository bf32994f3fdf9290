//! The books as a whole: verified without the gateway that keeps them.

mod audited;
mod books;
mod report;
mod rules;
mod verify;

pub use report::{Kind, Problem, Report};
pub use verify::verify;
