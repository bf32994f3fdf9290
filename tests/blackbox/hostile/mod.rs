//! The corpus of hostile components (`tests/hostile`): each is rejected with its
//! reason, or contained. docs/plugins-security.md lists them.

mod binaries;
mod contained;
mod rejected;
mod shown;
