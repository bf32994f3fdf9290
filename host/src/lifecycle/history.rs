//! What was active before.

use crate::policy::set::Digests;
use crate::store::generations::{self, Generation, GenerationKind};
use crate::store::{Store, StoreError, revocations};

/// Generations that are read at once.
const PAGE: u32 = 64;

/// The digests of a stored generation.
pub(super) fn digests(generation: &Generation) -> Digests {
    let generations::Digests {
        alias_resolver,
        preference_dial,
        floor_clamp,
    } = generation.digests;
    Digests {
        alias_resolver,
        preference_dial,
        floor_clamp,
    }
}

/// The same, as the store takes them.
pub(super) fn stored(digests: Digests) -> generations::Digests {
    let Digests {
        alias_resolver,
        preference_dial,
        floor_clamp,
    } = digests;
    generations::Digests {
        alias_resolver,
        preference_dial,
        floor_clamp,
    }
}

/// What a roll back without a number goes to: the generation that the active
/// set replaced when it was authorized, or the one that that replaced where it is
/// revoked. So rolling back twice goes further back, and never to what was rolled
/// back from.
pub(super) async fn previous(
    store: &Store,
    active: &Generation,
) -> Result<Option<Generation>, StoreError> {
    let revoked = revocations::list(store).await?;
    let mut of = active.clone();
    loop {
        let base = origin(store, &of).await?.and_then(|origin| origin.base);
        let Some(base) = base else {
            return Ok(None);
        };
        let Some(before) = generations::get(store, base).await? else {
            return Ok(None);
        };
        if revoked.iter().all(|set| set.digests != before.digests) {
            return Ok(Some(before));
        }
        of = before;
    }
}

/// Where a set came from: itself, or what was rolled back to.
async fn origin(store: &Store, of: &Generation) -> Result<Option<Generation>, StoreError> {
    let mut before = of.generation + 1;
    loop {
        let page = generations::page(store, Some(before), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        before = last.generation;
        let found = page
            .into_iter()
            .find(|g| g.kind != GenerationKind::RolledBack && g.digests == of.digests);
        if found.is_some() {
            return Ok(found);
        }
    }
}
