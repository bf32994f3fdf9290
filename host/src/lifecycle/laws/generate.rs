//! Cases made from a fixed seed, the same for everyone, always; one that breaks
//! a law is made as simple as it can be while it still breaks it.

use std::fmt;

use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_decimal::Decimal;

use super::case::{Case, Sequence};
use super::{Stop, Trial};
use crate::lifecycle::grid;
use crate::policy::Floor;
use crate::policy::set::MAX_PREFERENCE;
use crate::policy::value::MAX_SCALE;

/// How many cases of a kind are made.
pub(super) const CASES: usize = 500;

/// How many sequences of questions to one instance are made, which cost more.
pub(super) const SEQUENCES: usize = 100;

/// The most steps in which a case is made simpler.
const SHRINKS: usize = 1024;

/// One, in units of the finest scale.
const ONE: i64 = 10_i64.pow(MAX_SCALE);

/// Tries the component on `count` cases of `cases`.
pub(super) fn examine<C: Case>(
    cases: impl Strategy<Value = C>,
    count: usize,
    trial: &mut Trial<'_>,
) -> Result<(), Stop> {
    // Not the default generator: the environment can change that one.
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    for _ in 0..count {
        let Ok(tree) = cases.new_tree(&mut runner) else {
            continue;
        };
        one(tree, trial)?;
    }
    Ok(())
}

/// Tries a case, and simpler ones where it breaks something new. The trial
/// keeps the simplest for each law.
fn one<C: Case>(mut tree: impl ValueTree<Value = C>, trial: &mut Trial<'_>) -> Result<(), Stop> {
    let case = tree.current();
    let breaches = case.examine(trial);
    let new = breaches.iter().find(|breach| !trial.knows(breach));
    let noted = trial.note(&case, &breaches);
    let Some(new) = new else { return noted };
    let mut simpler = tree.simplify();
    for _ in 0..SHRINKS {
        if !simpler {
            break;
        }
        let case = tree.current();
        let found = case.examine(trial);
        let still = found.iter().any(|breach| breach.is_like(new));
        if still {
            // It stops the trial if the first one did.
            let _ = trial.note(&case, &found);
        }
        simpler = if still {
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    noted
}

/// A base of any scale.
pub(super) fn base() -> impl Strategy<Value = Floor> + Clone {
    decimal(0, ONE).prop_map(|base| Floor::new(base).unwrap_or(Floor::DEFAULT))
}

/// What a dial could make of a base: up to 1 more or less, mostly far less.
pub(super) fn moved(
    base: impl Strategy<Value = Floor> + Clone,
) -> impl Strategy<Value = (Floor, Decimal)> + Clone {
    let by = prop_oneof![3 => decimal(-ONE / 4, ONE / 4), 1 => decimal(-ONE, ONE)];
    (base, by).prop_map(|(base, by)| (base, base.get() + by))
}

/// Fewer digits are simpler, then what is nearer to zero.
fn decimal(least: i64, most: i64) -> impl Strategy<Value = Decimal> + Clone {
    (0..=MAX_SCALE, least..=most)
        .prop_map(|(scale, units)| Decimal::new(units / 10_i64.pow(MAX_SCALE - scale), scale))
}

/// A preference: mostly one that moves the floor, or one of the grid, one that
/// resembles a word, or any text.
pub(super) fn preference() -> impl Strategy<Value = Option<String>> + Clone {
    let words = ["quality", "cost", "balanced"].map(str::to_owned).to_vec();
    prop_oneof![
        5 => select(&["quality", "cost"][..]).prop_map(|text| Some(text.to_owned())),
        2 => select(&grid::PREFERENCES[..]).prop_map(|text| text.map(str::to_owned)),
        2 => resembling(words, MAX_PREFERENCE).prop_map(Some),
        1 => text(MAX_PREFERENCE).prop_map(Some),
    ]
}

/// Two to four questions to one instance, of which there are two at most: what a
/// guest remembers of a question shows where it is asked again.
pub(super) fn sequence<Q: Clone + fmt::Debug>(
    question: impl Strategy<Value = Q> + Clone,
) -> impl Strategy<Value = Sequence<Q>> {
    (question.clone(), question, vec(any::<bool>(), 2..=4)).prop_map(|(one, other, others)| {
        let pick = |other_one| {
            if other_one {
                other.clone()
            } else {
                one.clone()
            }
        };
        Sequence(others.into_iter().map(pick).collect())
    })
}

/// One of `words` with a sign more, less, or another.
pub(super) fn resembling(words: Vec<String>, most: usize) -> impl Strategy<Value = String> + Clone {
    (select(words), any::<prop::sample::Index>(), sign(), 0..3).prop_map(
        move |(word, at, sign, change)| {
            let mut signs: Vec<char> = word.chars().collect();
            let at = at.index(signs.len().max(1));
            let until = if change == 0 {
                at
            } else {
                (at + 1).min(signs.len())
            };
            signs.splice(at..until, (change < 2).then_some(sign));
            short(signs, most)
        },
    )
}

/// A text of at most `most` bytes, of letters, signs and other scripts.
pub(super) fn text(most: usize) -> impl Strategy<Value = String> + Clone {
    vec(sign(), 0..=most).prop_map(move |signs| short(signs, most))
}

fn sign() -> impl Strategy<Value = char> + Clone {
    select(
        &[
            'a', 'e', 'i', 'n', 'r', 'f', '-', '/', '@', ' ', '.', '0', 'É', 'ß', '模', '🦀',
        ][..],
    )
}

/// As many of `signs` as have `most` bytes together.
fn short(signs: Vec<char>, most: usize) -> String {
    let mut text = String::new();
    for sign in signs {
        if text.len() + sign.len_utf8() > most {
            break;
        }
        text.push(sign);
    }
    text
}

/// A day of the years 1970 to 2099.
pub(super) fn day() -> impl Strategy<Value = Date> + Clone {
    (1970_i16..2100, 1_i8..=12, 1_i8..=28)
        .prop_map(|(year, month, day)| Date::new(year, month, day).unwrap_or(Date::ZERO))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::lifecycle::laws::case::Breach;
    use crate::policy::{Component, PolicyEngine};

    /// A law that holds for bases up to 0.35, and another up to 0.9.
    #[derive(Debug)]
    struct Low(Option<String>, Floor);

    impl Case for Low {
        fn examine(&self, _: &mut Trial<'_>) -> Vec<Breach> {
            let above = |hundredths| self.1.get() > Decimal::new(hundredths, 2);
            let laws = [(35, "low"), (90, "not-high")];
            let broken = laws.into_iter().filter(|(bound, _)| above(*bound));
            broken.map(|(_, law)| Breach::of(law, "")).collect()
        }
    }

    impl fmt::Display for Low {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{:?} {}", self.0, self.1)
        }
    }

    #[test]
    fn a_case_that_breaks_a_law_is_made_simple() {
        let bytes = include_bytes!("../../../../plugins/dist/preference-dial.wasm");
        let component = Component::load(&PolicyEngine::new().unwrap(), bytes).unwrap();
        let found = || {
            let mut trial = Trial::new(&component, component.limits());
            let cases = (preference(), base()).prop_map(|(text, base)| Low(text, base));
            examine(cases, CASES, &mut trial).unwrap();
            trial.finish().err().unwrap()
        };
        let reasons = found();
        assert_eq!(reasons, found(), "the same every time");
        let input = |law: &str| {
            let reason = reasons
                .iter()
                .find(|reason| reason.law.as_deref() == Some(law));
            reason.and_then(|reason| reason.input.clone()).unwrap()
        };
        // Of eighteen digits few are left.
        for (law, bound) in [("low", "0.35"), ("not-high", "0.90")] {
            let input = input(law);
            let base = input.rsplit(' ').next().unwrap();
            assert!(base > bound && base.len() <= "0.000".len(), "{reasons:?}");
        }
    }

    #[test]
    fn what_is_made_stays_within_its_bounds() {
        proptest!(|((base, dialled) in moved(base()), preference in preference(), text in text(9))| {
            prop_assert!(base.get().scale() <= MAX_SCALE);
            prop_assert!((Decimal::new(-1, 0)..=Decimal::new(2, 0)).contains(&dialled));
            prop_assert!(preference.is_none_or(|text| text.len() <= MAX_PREFERENCE));
            prop_assert!(text.len() <= 9);
        });
    }
}
