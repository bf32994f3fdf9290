//! One request in every dialect.
//!
//! Tests write their requests in Anthropic's form. [`in_openai_form`] writes what
//! a client of OpenAI's dialect would send for it, and [`Protocol::read`] reads
//! what a provider received back into one form, so that a test can hold each
//! pairing to the same expectation. Written apart from the gateway's own
//! translation, and plainer: only what the tests' requests hold.

mod openai;
mod read;

pub use openai::in_openai_form;
pub use read::Protocol;
