//! What is said of a shadow.

use serde::Serialize;
use utoipa::ToSchema;

use crate::lifecycle::replay::{Example, Tally};
use crate::lifecycle::statement::Base;
use crate::policy::set::Digests;

/// A set that decides live calls beside the active one, and what came of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Shadow)]
pub struct Status {
    /// Whether it runs.
    pub state: State,
    /// What it is compared with: the active generation.
    pub base: Base,
    /// What decides beside it.
    pub result: Digests,
    /// The part of the calls that is taken.
    #[schema(example = "0.1")]
    pub sample: String,
    /// Microseconds since the Unix epoch.
    pub started_us: i64,
    /// Who started it.
    pub actor: String,
    /// When it ended, and why; null while it runs.
    pub ended: Option<Ended>,
    /// Routed calls since the start for which an offer was looked for.
    pub seen: u64,
    /// Those of them that were taken to be decided by both sets.
    pub sampled: u64,
    /// Those that would have been taken, had too many not waited already.
    pub skipped: u64,
    /// Those taken that could not be read.
    pub left_out: u64,
    /// What came of those that were decided, with the gates as they were.
    pub tally: Tally,
    /// The first 10 that come out differently.
    pub first: Vec<Example>,
    /// The last 10 of the others.
    pub last: Vec<Example>,
}

/// Whether a shadow runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    Running,
    /// It does not any more.
    Ended,
}

/// When a shadow ended, and why.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Ended {
    /// Microseconds since the Unix epoch.
    pub at_us: i64,
    /// What ended it.
    pub by: EndedBy,
}

/// What ended a shadow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// Someone asked for it.
    Request,
    /// Another generation became active.
    Activation,
}
