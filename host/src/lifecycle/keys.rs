//! Founders' keys: Ed25519 in PEM, as `openssl genpkey -algorithm ed25519`
//! makes them (PKCS#8 private, SPKI public; RFC 8410).

use ed25519_dalek::pkcs8::spki::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::store::Digest;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";

/// A founder's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FounderKey {
    /// Its id: SHA-256 of the key's 32 bytes, in hexadecimal digits.
    pub id: String,
    /// The key.
    pub key: VerifyingKey,
    /// Whether it may no longer sign.
    pub revoked: bool,
}

/// A text that is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No public key.
    #[error(
        "this is no Ed25519 public key in PEM; give the file that `ainfera keygen` or `openssl pkey -pubout` writes"
    )]
    Public,
    /// A public key with which anything verifies.
    #[error("this Ed25519 public key is weak; make another with `ainfera keygen`")]
    Weak,
    /// No private key.
    #[error(
        "this is no Ed25519 private key in PKCS#8 PEM; give the file that `ainfera keygen` or `openssl genpkey -algorithm ed25519` writes"
    )]
    Private,
    /// A key that PEM cannot hold.
    #[error("the key cannot be written as PEM")]
    Unwritable,
}

impl FounderKey {
    /// Reads one public key.
    ///
    /// # Errors
    /// If it is none, or a weak one.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_public_key_pem(pem.trim()).map_err(|_| KeyError::Public)?;
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        Ok(Self {
            id: id(&key),
            key,
            revoked: false,
        })
    }

    /// Reads public keys that follow one another.
    ///
    /// # Errors
    /// If there is none, or one is no key.
    pub fn many_from_pem(pem: &str) -> Result<Vec<Self>, KeyError> {
        let keys: Vec<Self> = pem
            .split(BEGIN)
            .skip(1)
            .map(|rest| Self::from_pem(&format!("{BEGIN}{rest}")))
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            Err(KeyError::Public)
        } else {
            Ok(keys)
        }
    }

    /// The key as PEM.
    ///
    /// # Errors
    /// Never with a key that was read.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        self.key
            .to_public_key_pem(LineEnding::LF)
            .map_err(|_| KeyError::Unwritable)
    }
}

/// The id of a key.
#[must_use]
pub fn id(key: &VerifyingKey) -> String {
    Digest::of(key.as_bytes()).to_string()
}

/// Reads a private key.
///
/// # Errors
/// If it is none.
pub fn private_from_pem(pem: &str) -> Result<SigningKey, KeyError> {
    SigningKey::from_pkcs8_pem(pem.trim()).map_err(|_| KeyError::Private)
}

/// A new key from the system's random numbers, and its private PEM.
///
/// # Errors
/// If the system has none.
pub fn generate() -> Result<(SigningKey, String), GenerateError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let key = SigningKey::from_bytes(&secret);
    // PKCS#8 version 1, without the public key: what openssl reads and writes.
    let pem = KeypairBytes {
        secret_key: secret,
        public_key: None,
    }
    .to_pkcs8_pem(LineEnding::LF)
    .map_err(|_| KeyError::Unwritable)?;
    Ok((key, pem.to_string()))
}

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// No random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// PEM.
    #[error(transparent)]
    Key(#[from] KeyError),
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Made with `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJOsx0DZZcxvlH6IicfjfJbHv34xa0meSeAOF1yVr2mB\n-----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAgF97CU+92dBYry3LLXty+GM2MRPl0JIVDhnS3TzTYeU=\n-----END PUBLIC KEY-----\n";

    #[test]
    fn keys_of_openssl_are_read() {
        let public = FounderKey::from_pem(PUBLIC).unwrap();
        assert_eq!(
            private_from_pem(PRIVATE).unwrap().verifying_key(),
            public.key
        );
        assert_eq!(public.id, Digest::of(public.key.as_bytes()).to_string());
        assert_eq!(public.to_pem().unwrap(), PUBLIC);
    }

    #[test]
    fn own_keys_are_read_back() {
        let (key, pem) = generate().unwrap();
        assert_eq!(private_from_pem(&pem).unwrap(), key);
        assert!(pem.len() < 130, "version 1, as openssl's: {pem}");
    }

    #[test]
    fn several_keys_follow_one_another() {
        let (other, _) = generate().unwrap();
        let other = FounderKey {
            id: id(&other.verifying_key()),
            key: other.verifying_key(),
            revoked: false,
        };
        let pem = format!("# founders\n{PUBLIC}\n{}", other.to_pem().unwrap());
        assert_eq!(
            FounderKey::many_from_pem(&pem).unwrap(),
            [FounderKey::from_pem(PUBLIC).unwrap(), other]
        );
        assert!(FounderKey::many_from_pem("").is_err());
        assert!(FounderKey::from_pem(PRIVATE).is_err());
    }
}
