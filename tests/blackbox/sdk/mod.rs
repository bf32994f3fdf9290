//! Real clients, unmodified: the official SDKs for Python and TypeScript, and
//! Claude Code.

pub mod child;
mod claude_code;
mod python_sdks;
mod schemathesis;
mod script;
mod stage;
mod typescript_sdks;
