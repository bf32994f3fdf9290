//! Why a component is rejected.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a component is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The kind.
    pub code: Code,
    /// The law that it breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// The simplest input found that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $word:literal,)*) => {
        /// The kind of law that is broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $variant,)* }

        #[cfg(test)]
        const CODES: &[Code] = &[$(Code::$variant,)*];

        impl Code {
            /// The word for it in the API and the audit.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

codes! {
    /// The bytes are none, or not a valid one.
    NotAComponent "not_a_component",
    /// Larger than may be.
    TooLarge "too_large",
    /// Compiling it takes more time, memory or code than it may.
    CompileBomb "compile_bomb",
    /// The compiler could not be run to its end: nothing is known of it.
    CompilerUnavailable "compiler_unavailable",
    /// It imports something.
    Imports "imports",
    /// It does not export exactly one slot's world.
    WrongWorld "wrong_world",
    /// It traps.
    Traps "traps",
    /// It takes too much fuel.
    Fuel "fuel",
    /// It runs past the backstop of processor time.
    Deadline "deadline",
    /// It takes too much memory.
    Memory "memory",
    /// It answers what the contract does not know.
    InvalidAnswer "invalid_answer",
    /// The same question has two answers, or takes two amounts of fuel.
    Nondeterministic "nondeterministic",
    /// A call changes the answer to the next one.
    Stateful "stateful",
    /// A lever is missing, out of range, or unknown to the slot.
    Levers "levers",
    /// It breaks a law of its slot.
    Law "law",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_as_they_are_named() {
        for code in CODES {
            assert_eq!(serde_json::json!(code), code.as_str());
        }
    }
}
