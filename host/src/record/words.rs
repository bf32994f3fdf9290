//! The words that calls are described in, each spelt once.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// The word for it in the database and in the audit.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What the word stands for, if it is one.
            #[must_use]
            pub fn named(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    )*};
}

words! {
    /// What chose the offer.
    Router {
        /// The policy: a routed call.
        Policy "policy",
        /// The caller: a pinned call.
        Direct "direct",
    }

    /// How a call ended.
    Status {
        /// Answered whole.
        Succeeded "succeeded",
        /// No candidate was left; nothing was dispatched.
        RejectedFloor "rejected_floor",
        /// Refused before a candidate was sought or called.
        Refused "refused",
        /// Every candidate failed, or one answered that the request is wrong.
        Failed "failed",
        /// The provider broke after its first event.
        Interrupted "interrupted",
        /// The client left.
        Cancelled "cancelled",
        /// The process was killed while the call was pending.
        Abandoned "abandoned",
    }

    /// Where token counts are from.
    UsageSource {
        /// The provider said so.
        Reported "reported",
        /// Worked out here.
        Estimated "estimated",
        /// Nobody knows.
        Unknown "unknown",
    }
}
