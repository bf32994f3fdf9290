//! Many records, decided again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::again::differences;
use super::difference::Difference;
use super::sources::{Missing, Sources};
use crate::policy::PolicyEngine;
use crate::policy::set::Digests;
use crate::policy::settings::FINGERPRINT;
use crate::store::calls::Decision;
use crate::store::{Store, StoreError};

/// Differences that are kept; all are counted.
const KEPT: usize = 1_000;

/// Decides again what it is given, and keeps what differs.
pub struct Verifier {
    sources: Sources,
    report: Report,
    missing: BTreeMap<Missing, Left>,
}

/// What came of deciding again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Decisions looked at.
    pub decisions: u64,
    /// Those that came out the same.
    pub agreed: u64,
    /// Those of which something differs.
    pub differed: u64,
    /// Those that could not be decided again, as something is missing.
    pub undecided: u64,
    /// Pinned calls, which have no decision.
    pub pinned: u64,
    /// Distinct policy sets that decided.
    pub policy_sets: usize,
    /// Distinct components in them.
    pub components: usize,
    /// Distinct catalog versions.
    pub catalog_versions: usize,
    /// The engine that ran them.
    pub engine: &'static str,
    /// What differs; the first thousand.
    pub differences: Vec<Difference>,
    /// Differences that are not listed.
    pub left_off: u64,
    /// What is missing.
    pub missing: Vec<Absent>,
}

/// Something missing, and what depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Absent {
    /// What.
    #[serde(flatten)]
    pub missing: Missing,
    /// Decisions that name it.
    pub decisions: u64,
    /// The first of them.
    pub first_request_id: String,
}

struct Left {
    decisions: u64,
    first_request_id: String,
}

impl Report {
    /// Whether every decision came out the same.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differed == 0 && self.undecided == 0
    }
}

impl Verifier {
    /// Takes components and catalog versions from `store`.
    #[must_use]
    pub fn new(store: Store, engine: PolicyEngine) -> Self {
        Self {
            sources: Sources::new(store, engine),
            report: Report {
                engine: FINGERPRINT,
                ..Report::default()
            },
            missing: BTreeMap::new(),
        }
    }

    /// Decisions looked at so far.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.report.decisions
    }

    /// Decides `decision` again.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn add(&mut self, decision: &Decision) -> Result<(), StoreError> {
        self.report.decisions += 1;
        match self.again(decision).await? {
            Ok(found) if found.is_empty() => self.report.agreed += 1,
            Ok(found) => {
                self.report.differed += 1;
                for difference in found {
                    if self.report.differences.len() < KEPT {
                        self.report.differences.push(difference);
                    } else {
                        self.report.left_off += 1;
                    }
                }
            }
            Err(missing) => {
                self.report.undecided += 1;
                let left = self.missing.entry(missing).or_insert_with(|| Left {
                    decisions: 0,
                    first_request_id: decision.request_id.clone(),
                });
                left.decisions += 1;
            }
        }
        Ok(())
    }

    async fn again(
        &mut self,
        decision: &Decision,
    ) -> Result<Result<Vec<Difference>, Missing>, StoreError> {
        let digests = match digests(decision) {
            Ok(digests) => digests,
            Err(missing) => return Ok(Err(missing)),
        };
        let Some(version) = decision.catalog_version else {
            return Ok(Err(Missing {
                what: "catalog version",
                id: "none".to_owned(),
                why: "the record names none".to_owned(),
            }));
        };
        let set = match self.sources.set(digests).await? {
            Ok(set) => set,
            Err(missing) => return Ok(Err(missing)),
        };
        let catalog = match self.sources.catalog(version).await? {
            Ok(catalog) => catalog,
            Err(missing) => return Ok(Err(missing)),
        };
        Ok(Ok(differences(decision, &digests, &set, &catalog)))
    }

    /// What came of it, beside `pinned` calls that were passed over.
    #[must_use]
    pub fn finish(self, pinned: u64) -> Report {
        let (policy_sets, components, catalog_versions) = self.sources.counts();
        let absent = |(missing, left): (Missing, Left)| Absent {
            missing,
            decisions: left.decisions,
            first_request_id: left.first_request_id,
        };
        Report {
            pinned,
            policy_sets,
            components,
            catalog_versions,
            missing: self.missing.into_iter().map(absent).collect(),
            ..self.report
        }
    }
}

/// The digests that a record names.
fn digests(decision: &Decision) -> Result<Digests, Missing> {
    let read = |digest: &Option<String>| {
        let missing = |why: String| Missing {
            what: "generation",
            id: decision
                .decided_by
                .map_or_else(|| "none".to_owned(), |number| number.to_string()),
            why,
        };
        match digest {
            None => Err(missing("the database does not have it".to_owned())),
            Some(text) => text
                .parse()
                .map_err(|error| missing(format!("{text:?} is {error}"))),
        }
    };
    Ok(Digests {
        alias_resolver: read(&decision.alias_resolver)?,
        preference_dial: read(&decision.preference_dial)?,
        floor_clamp: read(&decision.floor_clamp)?,
    })
}
