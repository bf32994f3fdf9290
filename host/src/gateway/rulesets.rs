//! What a call was decided by, as one hash in its record.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::policy::{Deciding, Gates};
use crate::store::Digest;

/// The gates and the hash over everything that decides.
pub struct Ruleset {
    key: (i64, Gates, i64),
    /// The gates as they are recorded.
    pub gates_json: Arc<str>,
    /// SHA-256 over the three digests in the slots' order, the gates and the
    /// catalog version, as text, each ended by a line feed.
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
        let digests = deciding.by().set.digests();
        let gates_json = format!(
            r#"{{"routing_preference_live":{}}}"#,
            key.1.routing_preference_live
        );
        let text = format!(
            "{}\n{}\n{}\n{gates_json}\n{version}\n",
            digests.alias_resolver, digests.preference_dial, digests.floor_clamp
        );
        let ruleset = Arc::new(Ruleset {
            key,
            gates_json: gates_json.into(),
            hash: Digest::of(text.as_bytes()),
        });
        self.0.store(Some(Arc::clone(&ruleset)));
        ruleset
    }
}
