//! The reference resolver: one target, and the names it had before.
#![no_std]

use ainfera_policy::resolver::{Alias, Routes};
use ainfera_policy::{AliasResolver, Date, Description, Listing, Resolution, String, describe};

const TARGET: &str = "ainfera-inference";

const ROUTES: Routes = Routes::new(
    &[TARGET],
    &[
        Alias::new("ainfera-mithril", TARGET),
        Alias::new("ainfera-auto", TARGET),
        Alias::new("ainfera/auto", TARGET),
    ],
);

struct Reference;

impl AliasResolver for Reference {
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

ainfera_policy::export_alias_resolver!(Reference);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_silently_to_the_target() {
        let today = Date::new(2026, 1, 1);
        for (name, alias) in [
            ("ainfera-inference", false),
            ("ainfera-mithril", true),
            ("ainfera-auto", true),
            ("ainfera/auto", true),
        ] {
            let Resolution::Routed(routed) = Reference::resolve(name.into(), today) else {
                unreachable!("{name} is routed");
            };
            assert_eq!(routed.target, TARGET);
            assert_eq!(routed.via_alias, alias);
            assert_eq!((routed.deprecated, routed.sunset), (None, None));
        }
        let other = Reference::resolve("claude-opus-4-7".into(), today);
        assert_eq!(other, Resolution::Unknown);
    }
}
