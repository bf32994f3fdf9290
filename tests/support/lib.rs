//! What the black-box tests and the benchmarks share: a scriptable provider, the
//! built binary as a child process, a strict client, a reader of its records,
//! PostgreSQL servers to keep them in, and a collector of its traces and metrics.

pub mod client;
pub mod collector;
pub mod database;
pub mod dialects;
pub mod gateway;
pub mod kill;
pub mod plugins;
pub mod postgres;
pub mod records;
pub mod sign;
pub mod upstream;
pub mod wait;
pub mod world;
