//! Links that somebody vouches for: a signed checkpoint, or the operator.

use std::collections::{BTreeMap, HashMap};

use crate::record::audit::Head;
use crate::store::Digest;

/// Who vouches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Checkpoint(i64),
    Operator,
}

impl Source {
    pub(super) fn name(self) -> String {
        match self {
            Self::Checkpoint(number) => format!("checkpoint {number}"),
            Self::Operator => "--head".to_owned(),
        }
    }
}

/// The links vouched for, by chain and place.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    by_chain: BTreeMap<i64, BTreeMap<i64, (Digest, Source)>>,
    places: HashMap<(i64, Digest), i64>,
}

impl Anchors {
    /// Somebody vouches for a link. False where another was vouched for.
    pub(super) fn add(&mut self, chain: i64, head: Head, source: Source) -> bool {
        let places = self.by_chain.entry(chain).or_default();
        if head.seq > 0 {
            self.places.insert((chain, head.link), head.seq);
        }
        let (known, _) = places.entry(head.seq).or_insert((head.link, source));
        *known == head.link
    }

    /// Who vouches for another link at this place.
    pub(super) fn against(&self, chain: i64, head: Head) -> Option<String> {
        let (link, source) = self.by_chain.get(&chain)?.get(&head.seq)?;
        (*link != head.link).then(|| source.name())
    }

    /// Who vouches for the first place of the chain after `seq` that is vouched
    /// for.
    pub(super) fn beyond(&self, chain: i64, seq: i64) -> Option<String> {
        let places = self.by_chain.get(&chain)?;
        let (_, (_, source)) = places.range(seq + 1..).next()?;
        Some(source.name())
    }

    /// The place of this link.
    pub(super) fn place(&self, chain: i64, link: Digest) -> Option<i64> {
        self.places.get(&(chain, link)).copied()
    }

    /// The last place of the chain that is vouched for.
    pub(super) fn last(&self, chain: i64) -> i64 {
        let places = self.by_chain.get(&chain);
        places
            .and_then(|places| places.last_key_value())
            .map_or(0, |(seq, _)| *seq)
    }

    /// Every chain that somebody vouches for, and who does first.
    pub(super) fn chains(&self) -> impl Iterator<Item = (i64, String)> {
        self.by_chain.iter().filter_map(|(chain, places)| {
            let (_, (_, source)) = places.first_key_value()?;
            Some((*chain, source.name()))
        })
    }
}
