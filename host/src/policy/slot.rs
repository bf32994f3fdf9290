//! The places of a policy set.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A place in a policy set that one component fills.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// Which names are routed.
    AliasResolver,
    /// How far a preference moves the floor.
    PreferenceDial,
    /// How much of the move is let through.
    FloorClamp,
}

impl Slot {
    /// All slots, in the order in which they run.
    pub const ALL: [Self; 3] = [Self::AliasResolver, Self::PreferenceDial, Self::FloorClamp];

    /// Its name in the contract, the API and the records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AliasResolver => "alias-resolver",
            Self::PreferenceDial => "preference-dial",
            Self::FloorClamp => "floor-clamp",
        }
    }

    /// The function that decides.
    #[must_use]
    pub fn decides(self) -> &'static str {
        match self {
            Self::AliasResolver => "resolve",
            Self::PreferenceDial => "apply",
            Self::FloorClamp => "clamp",
        }
    }

    /// The functions that its world exports.
    #[must_use]
    pub fn exports(self) -> &'static [&'static str] {
        match self {
            Self::AliasResolver => &["describe", "listing", "resolve"],
            Self::PreferenceDial => &["apply", "describe"],
            Self::FloorClamp => &["clamp", "describe"],
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Slot {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|slot| slot.name() == text)
            .ok_or_else(|| format!("`{text}` is no slot; the slots are alias-resolver, preference-dial, floor-clamp"))
    }
}
