//! What a set's components answered, remembered: they are pure functions.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use equivalent::Equivalent;
use jiff::civil::Date;
use quick_cache::sync::Cache;

use super::decision::{Classified, Dialled};

/// Entries of each kind. Names are at most 256 bytes, so both stay under 4 MiB.
const CAPACITY: usize = 4_096;

/// The memory of one policy set. A new set has a new one.
pub(super) struct Memo {
    names: Cache<Name, Arc<Classified>>,
    floors: Cache<Preference, Dialled>,
}

#[derive(PartialEq, Eq)]
struct Name(Box<str>, Date);

#[derive(PartialEq, Eq)]
struct NameRef<'a>(&'a str, Date);

/// Base as (mantissa, scale): equal numbers of different scale are different
/// inputs.
#[derive(PartialEq, Eq)]
struct Preference(Option<Box<str>>, i128, u32, bool);

struct PreferenceRef<'a>(Option<&'a str>, i128, u32, bool);

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        NameRef(&self.0, self.1).hash(state);
    }
}

impl Hash for NameRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
        // The year and the day of it, packed: one write.
        (i32::from(self.1.year()) << 9 | i32::from(self.1.day_of_year())).hash(state);
    }
}

impl Equivalent<Name> for NameRef<'_> {
    fn equivalent(&self, key: &Name) -> bool {
        *self.0 == *key.0 && self.1 == key.1
    }
}

impl Hash for Preference {
    fn hash<H: Hasher>(&self, state: &mut H) {
        PreferenceRef(self.0.as_deref(), self.1, self.2, self.3).hash(state);
    }
}

impl Hash for PreferenceRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0, self.1, self.2, self.3).hash(state);
    }
}

impl Equivalent<Preference> for PreferenceRef<'_> {
    fn equivalent(&self, key: &Preference) -> bool {
        self.0 == key.0.as_deref() && (self.1, self.2, self.3) == (key.1, key.2, key.3)
    }
}

impl Memo {
    pub(super) fn new() -> Self {
        Self {
            names: Cache::new(CAPACITY),
            floors: Cache::new(CAPACITY),
        }
    }

    /// The remembered classification, or that of `ask`, which is then
    /// remembered. An error is not.
    pub(super) fn name<E>(
        &self,
        model: &str,
        day: Date,
        ask: impl FnOnce() -> Result<Classified, E>,
    ) -> Result<Arc<Classified>, E> {
        if let Some(known) = self.names.get(&NameRef(model, day)) {
            return Ok(known);
        }
        let answer = Arc::new(ask()?);
        self.names
            .insert(Name(model.into(), day), Arc::clone(&answer));
        Ok(answer)
    }

    /// The remembered floor, or that of `ask`, which is then remembered.
    pub(super) fn floor<E>(
        &self,
        preference: Option<&str>,
        base: super::Floor,
        live: bool,
        ask: impl FnOnce() -> Result<Dialled, E>,
    ) -> Result<Dialled, E> {
        let (units, scale) = (base.get().mantissa(), base.get().scale());
        if let Some(known) = self
            .floors
            .get(&PreferenceRef(preference, units, scale, live))
        {
            return Ok(known);
        }
        let answer = ask()?;
        self.floors.insert(
            Preference(preference.map(Into::into), units, scale, live),
            answer,
        );
        Ok(answer)
    }
}
