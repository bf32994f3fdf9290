//! Machine code that is known to come from our own compiler.
#![allow(unsafe_code, reason = "code is run as it is: see `Code`")]

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use wasmtime::Engine;
use wasmtime::component::Component;

/// The length of a seal, in bytes.
const SEAL: usize = 32;

/// Machine code of a component.
///
/// The engine runs it as it is, so only what our own compiler made may become
/// one: what a child of ours wrote into its pipe, or what this host has sealed
/// with its key.
pub(super) struct Code(Vec<u8>);

/// The host's key, by which it knows its own code again: HMAC-SHA-256.
pub(super) struct Key(Hmac<Sha256>);

impl Code {
    /// What the compiler, a child process of this very binary, wrote.
    pub(super) fn compiled(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What [`Key::seal`] made of code, if it is unchanged and was sealed under
    /// this key and name.
    pub(super) fn sealed(mut bytes: Vec<u8>, key: &Key, name: &str) -> Option<Self> {
        let end = bytes.len().checked_sub(SEAL)?;
        let seal = bytes.split_off(end);
        key.over(name, &bytes).verify_slice(&seal).ok()?;
        Some(Self(bytes))
    }

    /// The component, ready to be linked. An error where the code is of other
    /// settings or another machine, or no sandbox of the pool has room for it.
    pub(super) fn load(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: `deserialize` must be given what `Engine::precompile_component`
        // made, unchanged. The constructors above take nothing else, and what is
        // loaded are the very bytes that were checked.
        unsafe { Component::deserialize(engine, &self.0) }
    }
}

impl Key {
    pub(super) fn new(key: &[u8; 64]) -> Self {
        Self(Hmac::new(key.into()))
    }

    /// `code` with its seal behind it.
    pub(super) fn seal(&self, name: &str, mut code: Vec<u8>) -> Vec<u8> {
        let seal = self.over(name, &code).finalize();
        code.extend_from_slice(&seal.into_bytes());
        code
    }

    /// Names hold no zero, so no two pairs of name and code are sealed alike.
    fn over(&self, name: &str, code: &[u8]) -> Hmac<Sha256> {
        let mac = self.0.clone();
        mac.chain_update(name).chain_update([0]).chain_update(code)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_is_code() {
        let (key, other) = (Key::new(&[1; 64]), Key::new(&[2; 64]));
        let sealed = key.seal("a", b"code".to_vec());
        let code = Code::sealed(sealed.clone(), &key, "a").unwrap();
        assert_eq!(code.0, b"code");
        assert!(Code::sealed(sealed.clone(), &other, "a").is_none());
        assert!(Code::sealed(sealed.clone(), &key, "b").is_none());
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(Code::sealed(flipped, &key, "a").is_none(), "byte {at}");
            let cut = sealed[..at].to_vec();
            assert!(Code::sealed(cut, &key, "a").is_none(), "cut at {at}");
        }
    }
}
