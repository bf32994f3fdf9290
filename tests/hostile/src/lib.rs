//! What the hostile components have in common: all but the one rule that each
//! breaks is the reference's.
#![no_std]

pub mod honest;

#[doc(hidden)]
pub use ainfera_policy as policy;

/// Exports a dial with these levers and this
/// `|preference: Option<&str>, base: Decimal, live: bool| -> Decimal`.
#[macro_export]
macro_rules! dial {
    ($levers:expr, $apply:expr) => {
        struct Dial;

        impl $crate::policy::PreferenceDial for Dial {
            fn describe() -> $crate::policy::Description {
                $crate::describe!($levers)
            }

            fn apply(
                preference: Option<$crate::policy::String>,
                base: $crate::policy::Decimal,
                live: bool,
            ) -> $crate::policy::Decimal {
                let apply: fn(Option<&str>, $crate::policy::Decimal, _) -> _ = $apply;
                apply(preference.as_deref(), base, live)
            }
        }

        $crate::policy::export_preference_dial!(Dial);
    };
}

/// Exports a clamp with these levers and this
/// `|base: Decimal, dialled: Decimal| -> Decimal`.
#[macro_export]
macro_rules! clamp {
    ($levers:expr, $clamp:expr) => {
        struct Clamp;

        impl $crate::policy::FloorClamp for Clamp {
            fn describe() -> $crate::policy::Description {
                $crate::describe!($levers)
            }

            fn clamp(
                base: $crate::policy::Decimal,
                dialled: $crate::policy::Decimal,
            ) -> $crate::policy::Decimal {
                let clamp: fn($crate::policy::Decimal, $crate::policy::Decimal) -> _ = $clamp;
                clamp(base, dialled)
            }
        }

        $crate::policy::export_floor_clamp!(Clamp);
    };
}

/// Exports a resolver with these levers, this listing and this
/// `|model: &str, today: Date| -> Resolution`.
#[macro_export]
macro_rules! resolver {
    ($levers:expr, $listing:expr, $resolve:expr) => {
        struct Resolver;

        impl $crate::policy::AliasResolver for Resolver {
            fn describe() -> $crate::policy::Description {
                $crate::describe!($levers)
            }

            fn listing() -> $crate::policy::Listing {
                $listing
            }

            fn resolve(
                model: $crate::policy::String,
                today: $crate::policy::Date,
            ) -> $crate::policy::Resolution {
                let resolve: fn(&str, _) -> _ = $resolve;
                resolve(&model, today)
            }
        }

        $crate::policy::export_alias_resolver!(Resolver);
    };
}

/// A description with the example's own name.
#[doc(hidden)]
#[macro_export]
macro_rules! describe {
    ($levers:expr) => {
        $crate::policy::Description {
            name: env!("CARGO_CRATE_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: env!("CARGO_PKG_DESCRIPTION").into(),
            levers: $levers,
        }
    };
}
