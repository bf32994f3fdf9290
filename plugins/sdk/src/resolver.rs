//! The resolver: a table of targets and of their aliases.

use alloc::{string::String, vec::Vec};

use crate::{Date, Lever, Listing, Resolution, Routed};

/// Another name for a target.
#[derive(Debug, Clone, Copy)]
pub struct Alias {
    name: &'static str,
    target: &'static str,
    deprecated: Option<Date>,
    sunset: Option<Date>,
}

impl Alias {
    /// An alias without dates.
    pub const fn new(name: &'static str, target: &'static str) -> Self {
        Self {
            name,
            target,
            deprecated: None,
            sunset: None,
        }
    }

    /// Answers say that it is deprecated as of that day.
    pub const fn deprecated(self, day: Date) -> Self {
        Self {
            deprecated: Some(day),
            ..self
        }
    }

    /// It is refused from the start of that day.
    pub const fn sunset(self, day: Date) -> Self {
        Self {
            sunset: Some(day),
            ..self
        }
    }
}

/// All names that mean "choose for me".
#[derive(Debug, Clone, Copy)]
pub struct Routes {
    targets: &'static [&'static str],
    aliases: &'static [Alias],
}

impl Routes {
    /// Targets, and aliases of these.
    ///
    /// # Panics
    /// An alias is itself a target, or names none; a build error in a `const`.
    pub const fn new(targets: &'static [&'static str], aliases: &'static [Alias]) -> Self {
        let mut rest = aliases;
        while let [alias, others @ ..] = rest {
            assert!(
                holds(targets, alias.target),
                "an alias must lead to a target"
            );
            assert!(!holds(targets, alias.name), "a target can't be an alias");
            rest = others;
        }
        Self { targets, aliases }
    }

    /// The levers as the contract declares them: for each alias its target, and
    /// its dates where it has them.
    pub fn describe(&self) -> Vec<Lever> {
        let mut levers = Vec::new();
        for alias in self.aliases {
            levers.push(Lever::text(
                alias.name,
                "The target of this alias.",
                alias.target,
            ));
            let days = [
                (
                    "/deprecated",
                    "Since when the alias is deprecated.",
                    alias.deprecated,
                ),
                ("/sunset", "From when the alias is refused.", alias.sunset),
            ];
            for (suffix, summary, day) in days {
                if let Some(day) = day {
                    let name = String::from(alias.name) + suffix;
                    levers.push(Lever::day(&name, summary, day));
                }
            }
        }
        levers
    }

    /// The names, in the table's order.
    pub fn listing(&self) -> Listing {
        Listing {
            targets: self.targets.iter().copied().map(String::from).collect(),
            aliases: self.aliases.iter().map(|alias| alias.name.into()).collect(),
        }
    }

    /// What `model` means on the day `today`.
    pub fn resolve(&self, model: &str, today: Date) -> Resolution {
        if self.targets.contains(&model) {
            return Resolution::Routed(Routed {
                target: model.into(),
                via_alias: false,
                deprecated: None,
                sunset: None,
            });
        }
        let Some(alias) = self.aliases.iter().find(|alias| alias.name == model) else {
            return Resolution::Unknown;
        };
        if alias.sunset.is_some_and(|sunset| sunset <= today) {
            return Resolution::Sunset(alias.target.into());
        }
        Resolution::Routed(Routed {
            target: alias.target.into(),
            via_alias: true,
            deprecated: alias.deprecated,
            sunset: alias.sunset,
        })
    }
}

/// `contains`, for a `const fn`.
const fn holds(names: &[&str], name: &str) -> bool {
    let mut rest = names;
    while let [first, others @ ..] = rest {
        if same(first, name) {
            return true;
        }
        rest = others;
    }
    false
}

/// `==`, for a `const fn`.
const fn same(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut rest = (a.as_bytes(), b.as_bytes());
    while let ([x, a @ ..], [y, b @ ..]) = rest {
        if *x != *y {
            return false;
        }
        rest = (a, b);
    }
    true
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    const DAY: Date = Date::new(2026, 6, 1);
    const ROUTES: Routes = Routes::new(
        &["one", "two"],
        &[
            Alias::new("uno", "one"),
            Alias::new("due", "two")
                .deprecated(Date::new(2026, 1, 1))
                .sunset(DAY),
        ],
    );

    #[test]
    fn a_target_is_itself() {
        let Resolution::Routed(routed) = ROUTES.resolve("two", DAY) else {
            unreachable!("a target is always routed");
        };
        assert_eq!((routed.target.as_str(), routed.via_alias), ("two", false));
    }

    #[test]
    fn an_alias_lasts_until_the_day_before_its_sunset() {
        let dates = |resolution| match resolution {
            Resolution::Routed(routed) => Some((routed.deprecated, routed.sunset)),
            _ => None,
        };
        let before = ROUTES.resolve("due", Date::new(2026, 5, 31));
        assert_eq!(
            dates(before),
            Some((Some(Date::new(2026, 1, 1)), Some(DAY)))
        );
        assert_eq!(ROUTES.resolve("due", DAY), Resolution::Sunset("two".into()));
        let later = ROUTES.resolve("due", Date::new(2027, 1, 1));
        assert_eq!(later, Resolution::Sunset("two".into()));
        assert_eq!(dates(ROUTES.resolve("uno", DAY)), Some((None, None)));
    }

    #[test]
    fn levers_are_the_table() {
        let names: Vec<String> = ROUTES
            .describe()
            .into_iter()
            .map(|lever| lever.name)
            .collect();
        assert_eq!(names, vec!["uno", "due", "due/deprecated", "due/sunset"]);
    }

    proptest! {
        #[test]
        fn what_is_listed_is_routed_and_nothing_else(
            name in "one|two|uno|due|.*",
            year in any::<u16>(), month in 1..=12_u8, day in 1..=28_u8,
        ) {
            let Listing { targets, aliases } = ROUTES.listing();
            let listed = targets.contains(&name) || aliases.contains(&name);
            let resolution = ROUTES.resolve(&name, Date::new(year, month, day));
            prop_assert_eq!(listed, resolution != Resolution::Unknown);
        }
    }
}
