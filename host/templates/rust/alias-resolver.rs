//! Which names are routed, and to which target.
#![no_std]

use ainfera_policy::resolver::{Alias, Routes};
use ainfera_policy::{AliasResolver, Date, Description, Listing, Resolution, String, describe};

const TARGET: &str = "ainfera-inference";

/// The levers: every alias, and its dates, as in
/// `Alias::new("old", TARGET).deprecated(Date::new(2027, 1, 1)).sunset(Date::new(2027, 7, 1))`.
const ROUTES: Routes = Routes::new(
    &[TARGET],
    &[
        Alias::new("ainfera-mithril", TARGET),
        Alias::new("ainfera-auto", TARGET),
        Alias::new("ainfera/auto", TARGET),
    ],
);

struct Policy;

impl AliasResolver for Policy {
    fn describe() -> Description {
        describe!(ROUTES.describe())
    }

    fn listing() -> Listing {
        ROUTES.listing()
    }

    fn resolve(model: String, today: Date) -> Resolution {
        ROUTES.resolve(&model, today)
    }
}

ainfera_policy::export_alias_resolver!(Policy);
