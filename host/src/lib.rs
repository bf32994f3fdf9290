//! Ainfera: an LLM inference gateway whose routing policy is hot-swappable
//! WebAssembly. `docs/architecture.md` walks through the house.

pub mod admin;
pub mod audit;
pub mod body;
pub mod bootstrap;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod dialect;
pub mod gateway;
pub mod ledger;
pub mod lifecycle;
pub mod policy;
pub mod provider;
pub mod record;
pub mod routing;
pub mod server;
pub mod store;
pub mod telemetry;
