//! Black-box tests of the built binary: one test binary, one module for each
//! concern. `tests/README.md` says how to run and read them.

mod audit;
mod bad_clients;
mod capture;
mod distrust;
mod durability;
mod errors;
mod fake_provider;
mod fallback;
mod fidelity;
mod hints;
mod history;
mod lifecycle;
mod messages;
mod mixed;
mod pinned;
mod preference;
mod provider_failures;
mod readme;
mod rows;
mod sdk;
mod start;
mod swap;
mod translation;
