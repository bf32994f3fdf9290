//! What a call was decided by, as one hash in its record.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::policy::{Deciding, Gates, ruleset_hash};
use crate::store::Digest;

/// The gates and the hash over everything that decides.
pub struct Ruleset {
    key: (i64, Gates, i64),
    /// The gates as they are recorded.
    pub gates_json: Arc<str>,
    /// See [`ruleset_hash`].
    pub hash: Digest,
}

/// The ruleset of the last call: it is the next one's too, mostly.
#[derive(Default)]
pub struct Rulesets(ArcSwapOption<Ruleset>);

impl Rulesets {
    /// The ruleset of a call that `deciding` decides by catalog `version`.
    pub fn of(&self, deciding: &Deciding, version: i64) -> Arc<Ruleset> {
        let key = (deciding.by().number, deciding.gates(), version);
        if let Some(last) = self.0.load().as_ref().filter(|last| last.key == key) {
            return Arc::clone(last);
        }
        let gates_json = key.1.to_json();
        let hash = ruleset_hash(&deciding.by().set.digests(), &gates_json, version);
        let ruleset = Arc::new(Ruleset {
            key,
            gates_json: gates_json.into(),
            hash,
        });
        self.0.store(Some(Arc::clone(&ruleset)));
        ruleset
    }
}
