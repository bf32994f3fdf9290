//! The catalog, changed while calls run.

mod cli;
mod live;
mod offline;
mod refused;
