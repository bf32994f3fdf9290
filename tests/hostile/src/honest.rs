//! The reference set, for components to deviate from.

use ainfera_policy::resolver::{Alias, Routes};
use ainfera_policy::{
    Date, Decimal, Lever, Listing, Resolution, Routed, Vec, clamp, decimal, dial,
};

/// The reference dial.
pub const DIAL: dial::Levers = dial::Levers::new(decimal!(0.10), decimal!(-0.10));

/// The reference clamp.
pub const CLAMP: clamp::Levers = clamp::Levers::new(decimal!(0.50), decimal!(0.85));

/// The reference resolver.
pub const ROUTES: Routes = Routes::new(
    &["ainfera-inference"],
    &[
        Alias::new("ainfera-mithril", "ainfera-inference"),
        Alias::new("ainfera-auto", "ainfera-inference"),
        Alias::new("ainfera/auto", "ainfera-inference"),
    ],
);

/// What the reference dial answers.
pub fn dial(preference: Option<&str>, base: Decimal, live: bool) -> Decimal {
    DIAL.apply(preference, base, live)
}

/// A base that no verification tries: one that starts with 0.7331.
pub fn off_grid(base: Decimal) -> bool {
    starts_with(base, 7331)
}

/// Another, from which `quality` leads above 1: one that starts with 0.9871.
pub fn off_grid_high(base: Decimal) -> bool {
    starts_with(base, 9871)
}

fn starts_with(base: Decimal, digits: i64) -> bool {
    base.scale >= 4 && base.units / 10_i64.pow(u32::from(base.scale) - 4) == digits
}

/// A day on which no verification tries a listed name.
pub fn off_grid_day(today: Date) -> bool {
    let tried = [(2026, 1, 1), (2028, 2, 29)];
    (2026..2100).contains(&today.year) && !tried.contains(&(today.year, today.month, today.day))
}

/// The reference resolver's levers, and that of one more alias.
pub fn levers_and(alias: &str, target: &str) -> Vec<Lever> {
    let mut levers = ROUTES.describe();
    levers.push(Lever::text(alias, "The target of this alias.", target));
    levers
}

/// The reference resolver's listing, and one more alias.
pub fn listing_and(alias: &str) -> Listing {
    let mut listing = ROUTES.listing();
    listing.aliases.push(alias.into());
    listing
}

/// The resolution of a target.
pub fn target(name: &str) -> Resolution {
    routed(name, false)
}

/// The resolution of an alias.
pub fn alias_of(target: &str) -> Resolution {
    routed(target, true)
}

fn routed(target: &str, via_alias: bool) -> Resolution {
    Resolution::Routed(Routed {
        target: target.into(),
        via_alias,
        deprecated: None,
        sunset: None,
    })
}
