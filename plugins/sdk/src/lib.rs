//! Write an Ainfera routing policy component in Rust.
//!
//! A component fills one slot: implement the slot's trait, [`AliasResolver`],
//! [`PreferenceDial`] or [`FloorClamp`], and export it with the macro of that
//! name. The modules [`resolver`], [`dial`] and [`clamp`] hold the reference
//! semantics with the levers as arguments, so that a policy which only sets
//! levers is a few lines:
//!
//! ```
//! use ainfera_policy::{Decimal, Description, PreferenceDial, String, decimal, describe, dial};
//!
//! const LEVERS: dial::Levers = dial::Levers::new(decimal!(0.20), decimal!(-0.20));
//!
//! struct Steep;
//!
//! impl PreferenceDial for Steep {
//!     fn describe() -> Description {
//!         describe!(LEVERS.describe())
//!     }
//!
//!     fn apply(preference: Option<String>, base: Decimal, live: bool) -> Decimal {
//!         LEVERS.apply(preference.as_deref(), base, live)
//!     }
//! }
//!
//! ainfera_policy::export_preference_dial!(Steep);
//! ```
//!
//! `ainfera plugin build` makes the component: a `cdylib` crate with
//! `#![no_std]`, one page of memory of which the stack has a quarter, no
//! imports. Memory is never freed within a call, a panic is a trap, and
//! `core::fmt` is best left alone: it is most of a small component's size.
#![no_std]

extern crate alloc;
// The paths that the bindings name must also hold inside this crate.
extern crate self as ainfera_policy;
// On the author's machine, for unit tests, the platform's runtime serves.
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

#[doc(hidden)]
pub mod bindings;
pub mod clamp;
mod date;
mod decimal;
mod describe;
pub mod dial;
pub mod resolver;
#[doc(hidden)]
pub mod runtime;

pub use alloc::{string::String, vec, vec::Vec};

pub use bindings::types::{
    Bounds, Date, Decimal, Description, Lever, LeverValue, Listing, Resolution, Routed,
};

#[doc(inline)]
pub use bindings::alias_resolver::{Guest as AliasResolver, export as export_alias_resolver};
#[doc(inline)]
pub use bindings::floor_clamp::{Guest as FloorClamp, export as export_floor_clamp};
#[doc(inline)]
pub use bindings::preference_dial::{Guest as PreferenceDial, export as export_preference_dial};
