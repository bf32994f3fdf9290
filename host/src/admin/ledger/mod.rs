//! `tenants/{id}/top-ups`, `/account` and `/ledger`: what tenants pay and
//! spend.

mod account;
mod entries;
mod top_ups;

pub(super) use account::*;
pub(super) use entries::*;
pub(super) use top_ups::*;
