//! The reference set, which is part of the binary.

use bytes::Bytes;

use super::error::Internal;
use super::library::Library;
use super::verify::Rejected;
use crate::policy::Slot;
use crate::policy::set::Digests;
use crate::store::Digest;

pub(super) const ALIAS_RESOLVER: &[u8] =
    include_bytes!("../../../plugins/dist/alias-resolver.wasm");
const PREFERENCE_DIAL: &[u8] = include_bytes!("../../../plugins/dist/preference-dial.wasm");
const FLOOR_CLAMP: &[u8] = include_bytes!("../../../plugins/dist/floor-clamp.wasm");

/// The component of the reference set that fills `slot`.
#[must_use]
pub fn reference(slot: Slot) -> &'static [u8] {
    match slot {
        Slot::AliasResolver => ALIAS_RESOLVER,
        Slot::PreferenceDial => PREFERENCE_DIAL,
        Slot::FloorClamp => FLOOR_CLAMP,
    }
}

/// Who brings it, in the audit.
pub(super) const ACTOR: &str = "built-in";

/// Why the reference set is not available.
#[derive(Debug, thiserror::Error)]
pub enum BuiltinError {
    /// The catalog took one of its names, or the binary was built with others.
    #[error(
        "built-in: {0}; where a catalog entry has the name of a routing target, rename that entry"
    )]
    Rejected(Rejected),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Library {
    /// Sees to it that the reference set is in the store, verified.
    pub(super) async fn builtin(&self) -> Result<Digests, BuiltinError> {
        let [alias_resolver, preference_dial, floor_clamp] = [
            self.embedded(ALIAS_RESOLVER).await?,
            self.embedded(PREFERENCE_DIAL).await?,
            self.embedded(FLOOR_CLAMP).await?,
        ];
        Ok(Digests {
            alias_resolver,
            preference_dial,
            floor_clamp,
        })
    }

    async fn embedded(&self, bytes: &'static [u8]) -> Result<Digest, BuiltinError> {
        let bytes = Bytes::from_static(bytes);
        if let Some(component) = self.verified(Digest::of(&bytes)).await? {
            return Ok(component.digest);
        }
        let component = self
            .admit(bytes, ACTOR)
            .await?
            .map_err(BuiltinError::Rejected)?;
        Ok(component.digest)
    }
}
