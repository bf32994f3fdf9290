//! The Fidelity table of the specification: a test for each row, named after it.
//! `rows` lists them.

mod corpus;
mod request;
mod silence;
mod small;
mod stream;
mod translated;
mod usage;
