//! What a new version does to the state of offers.

use std::collections::BTreeSet;

use super::CatalogFile;

/// Offers that one version gives calls and the other does not, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// They take calls from now on.
    pub activated: Vec<String>,
    /// They take none any more: dark, or gone.
    pub darkened: Vec<String>,
}

impl Turned {
    /// What becomes of the offers of `was` by `file`.
    #[must_use]
    pub fn between(was: &CatalogFile, file: &CatalogFile) -> Self {
        let (was, now) = (active(was), active(file));
        Self {
            activated: now.difference(&was).cloned().collect(),
            darkened: was.difference(&now).cloned().collect(),
        }
    }
}

/// The ids of the offers that take calls.
fn active(file: &CatalogFile) -> BTreeSet<String> {
    let offers = file.offers.iter().filter(|offer| offer.active);
    offers.map(super::OfferEntry::id).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::DEFAULT;

    #[test]
    fn a_removed_offer_is_dark_and_a_new_dark_one_is_nothing() {
        let was = CatalogFile::from_toml(DEFAULT).unwrap();
        let mut file = was.clone();
        assert_eq!(Turned::between(&was, &file), Turned::default());
        let of = |file: &CatalogFile, active: bool| {
            let at = file.offers.iter().position(|offer| offer.active == active);
            at.unwrap()
        };
        let lit = of(&file, false);
        let activated = file.offers.get_mut(lit).unwrap();
        activated.active = true;
        let activated = activated.id();
        let gone = of(&was, true);
        let darkened = file.offers.remove(gone).id();
        let mut other = file.offers.last().unwrap().clone();
        other.active = false;
        other.provider.push_str("-2");
        file.offers.push(other);
        assert_eq!(
            Turned::between(&was, &file),
            Turned {
                activated: vec![activated],
                darkened: vec![darkened]
            }
        );
    }
}
