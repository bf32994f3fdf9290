//! The names of audit events, each spelt once.

use std::fmt;
use std::str::FromStr;

macro_rules! names {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventName { $($(#[$doc])* $variant,)* }

        impl EventName {
            /// Every name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The one spelling, for storing and for looking up.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

names! {
    /// A call was admitted, or refused after its model was known.
    InferenceRouted "inference.routed",
    /// A dispatched call ended.
    InferenceCompleted "inference.completed",
    /// A component was stored.
    PluginUploaded "plugin.uploaded",
    /// A component kept every law.
    PluginVerified "plugin.verified",
    /// A component broke one.
    PluginRejected "plugin.rejected",
    /// A change of the policy set was proposed.
    ChangeProposed "change.proposed",
    /// A founder signed a change.
    PolicyAuthorized "policy.authorized",
    /// A generation became the active one.
    PolicyActivated "policy.activated",
    /// An earlier generation's set became the active one again.
    PolicyRolledBack "policy.rolled_back",
    /// A component broke a rule on live traffic.
    PolicyFaulted "policy.faulted",
    /// A set began to decide live calls beside the active one.
    ShadowStarted "shadow.started",
    /// It was ended.
    ShadowEnded "shadow.ended",
    /// A gate was opened or closed.
    GateChanged "gate.changed",
    /// A founder's key was enrolled.
    FounderEnrolled "founder.enrolled",
    /// A founder's key was revoked.
    FounderRevoked "founder.revoked",
    /// A founder signed a change of the founders' keys.
    FoundersAuthorized "founders.authorized",
    /// The set of a generation was revoked: it may not become active again.
    GenerationRevoked "generation.revoked",
    /// The revocation of a set was lifted.
    GenerationRestored "generation.restored",
    /// A token of the admin API was made.
    TokenCreated "token.created",
    /// A token of the admin API was revoked.
    TokenRevoked "token.revoked",
    /// A dark offer was activated.
    OfferActivated "offer.activated",
    /// An active offer went dark.
    OfferDarkened "offer.darkened",
    /// A tenant was made.
    TenantCreated "tenant.created",
    /// A tenant's name or default floor was changed.
    TenantChanged "tenant.changed",
    /// An agent was made.
    AgentCreated "agent.created",
    /// An agent's name, status, default floor or models were changed.
    AgentChanged "agent.changed",
    /// A key was made.
    KeyCreated "key.created",
    /// How often a key may call was changed.
    KeyChanged "key.changed",
    /// A key was made that replaces another.
    KeyRotated "key.rotated",
    /// A key was revoked.
    KeyRevoked "key.revoked",
    /// A tenant paid in, or was paid back.
    LedgerToppedUp "ledger.topped_up",
    /// A catalog was imported.
    CatalogImported "catalog.imported",
    /// An offer or a model of the catalog was changed.
    CatalogChanged "catalog.changed",
    /// A process started to write calls.
    GatewayStarted "gateway.started",
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no audit event")]
pub struct UnknownEvent(String);

impl FromStr for EventName {
    type Err = UnknownEvent;

    fn from_str(text: &str) -> Result<Self, UnknownEvent> {
        Self::ALL
            .iter()
            .copied()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| UnknownEvent(text.chars().take(64).collect()))
    }
}
