//! What an author has at hand: projects that are good as they stand, a table of
//! cases, and commands that say what is wrong.

mod bench;
mod diff;
mod new;
mod project;
mod refused;
mod table;
pub mod toolchains;

use project::Project;
