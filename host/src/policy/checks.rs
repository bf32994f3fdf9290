//! The native checks: each names the rule that it holds; breaking one is a
//! [`Fault`].

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::decision::Classified;
use super::levers::{DialLevers, date};
use super::sandbox::Fault;
use super::value::{Floor, from_wit, identical};
use super::worlds::v1_0::types;

/// The names that a resolver lists.
#[derive(Clone, Default)]
pub(super) struct Names {
    pub(super) targets: BTreeSet<String>,
    pub(super) aliases: BTreeSet<String>,
}

/// A name is routed exactly where the resolver lists it, to a target that
/// it lists, in one step; a target is not refused or deprecated.
pub(super) fn resolution(
    names: &Names,
    model: &str,
    today: Date,
    resolution: types::Resolution,
) -> Result<Classified, Fault> {
    let (is_target, is_alias) = (names.targets.contains(model), names.aliases.contains(model));
    match resolution {
        types::Resolution::Unknown if is_target || is_alias => {
            Err(broken("a name that it lists is not routed"))
        }
        types::Resolution::Unknown => Ok(Classified::Unknown),
        _ if !is_target && !is_alias => Err(broken("a name that it does not list is routed")),
        types::Resolution::Sunset(_) if is_target => Err(broken("a target is past a sunset")),
        types::Resolution::Sunset(target) if names.targets.contains(&target) => {
            Ok(Classified::Sunset { target })
        }
        types::Resolution::Routed(routed) if is_target => {
            if routed.target != model
                || routed.via_alias
                || routed.deprecated.is_some()
                || routed.sunset.is_some()
            {
                return Err(broken("a target does not resolve to itself"));
            }
            Ok(Classified::Routed {
                target: routed.target.into(),
                via_alias: false,
                deprecated: None,
                sunset: None,
            })
        }
        types::Resolution::Routed(routed) if names.targets.contains(&routed.target) => {
            if !routed.via_alias {
                return Err(broken("an alias is passed off as a target"));
            }
            let day = |day: Option<types::Date>| {
                day.map(|day| date(day).ok_or_else(|| broken("a date is no date")))
                    .transpose()
            };
            let (deprecated, sunset) = (day(routed.deprecated)?, day(routed.sunset)?);
            if sunset.is_some_and(|sunset| sunset <= today) {
                return Err(broken("an alias is routed past its sunset"));
            }
            Ok(Classified::Routed {
                target: routed.target.into(),
                via_alias: true,
                deprecated,
                sunset,
            })
        }
        _ => Err(broken("an alias does not resolve to a target in one step")),
    }
}

/// Rule 3: only `quality` and `cost`, with the gate open, may move the
/// floor, `quality` up and `cost` down, by the declared lever at most.
pub(super) fn dial(
    levers: DialLevers,
    preference: Option<&str>,
    base: Floor,
    live: bool,
    answer: types::Decimal,
) -> Result<Decimal, Fault> {
    let dialled =
        from_wit(answer).ok_or_else(|| broken("the dialled floor is no valid decimal"))?;
    // Both have at most 18 digits on either side, so neither overflows.
    let lever = match preference {
        Some("quality") if live => levers.quality,
        Some("cost") if live => levers.cost,
        _ if base.identical(dialled) => return Ok(dialled),
        _ if !live => return Err(broken("the gate is closed, and the dial moved the floor")),
        _ => {
            return Err(broken(
                "the dial moved the floor for a preference that is not `quality` or `cost`",
            ));
        }
    };
    let by = dialled
        .checked_sub(base.get())
        .ok_or_else(|| broken("the dialled floor is out of all bounds"))?;
    if preference == Some("quality") && by < Decimal::ZERO {
        return Err(broken("`quality` lowered the floor"));
    }
    if preference == Some("cost") && by > Decimal::ZERO {
        return Err(broken("`cost` raised the floor"));
    }
    if by.abs() > lever.abs() {
        return Err(broken(
            "the dial moved the floor further than its lever says",
        ));
    }
    if by.is_zero() && !base.identical(dialled) {
        return Err(broken(
            "the dial changed the scale of a floor that it did not move",
        ));
    }
    Ok(dialled)
}

/// The clamp only shortens a move: its result lies between base and dialled
/// value, and in [0, 1].
pub(super) fn clamp(base: Floor, dialled: Decimal, answer: types::Decimal) -> Result<Floor, Fault> {
    let clamped =
        from_wit(answer).ok_or_else(|| broken("the clamped floor is no valid decimal"))?;
    let base = base.get();
    if clamped < base.min(dialled) || clamped > base.max(dialled) {
        return Err(broken(
            "the clamped floor is not between the base and the dialled value",
        ));
    }
    if clamped == base && !identical(clamped, base) {
        return Err(broken(
            "the clamp changed the scale of a floor that it did not move",
        ));
    }
    Floor::new(clamped).map_err(|_| broken("the clamped floor is outside [0, 1]"))
}

pub(super) fn broken(rule: &str) -> Fault {
    Fault::Answer(rule.to_owned())
}
