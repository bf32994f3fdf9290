//! Black-box tests of the built binary: one test binary, one module for each
//! concern. `tests/README.md` says how to run and read them.

mod audit;
mod bad_clients;
mod breaker;
mod capabilities;
mod capture;
mod catalog;
mod count_tokens;
mod dialects;
mod distrust;
mod documents;
mod durability;
mod errors;
mod fake_provider;
mod fallback;
mod fidelity;
mod fuzz;
mod hints;
mod lifecycle;
mod limits;
mod messages;
mod mixed;
mod models;
mod native;
mod pinned;
mod preference;
mod provider_failures;
mod regressions;
mod rows;
mod sdk;
mod smoke;
mod start;
mod swap;
