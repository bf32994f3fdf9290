//! A founder's key, and DSSE envelopes signed with it: good ones and bad ones.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::spki::EncodePublicKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::Admin;
use crate::gateway::Gateway;

/// The type that an authorization's payload is signed under.
pub const PAYLOAD_TYPE: &str = "application/vnd.ainfera.policy-change.v1+json";

/// The type that a change of the founders' keys is signed under.
pub const KEYS_TYPE: &str = "application/vnd.ainfera.founder-keys.v1+json";

/// A founder with a key made for the test.
pub struct Founder {
    key: SigningKey,
}

impl Founder {
    /// A key that is the same for the same seed.
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_bytes(&[seed; 32]),
        }
    }

    /// Reads a PEM private key, as `ainfera keygen` writes it.
    pub fn read(path: &Path) -> Self {
        let pem = std::fs::read_to_string(path).expect("a PEM file");
        Self {
            key: SigningKey::from_pkcs8_pem(&pem).expect("a PKCS#8 Ed25519 key"),
        }
    }

    /// Writes the private key as PEM.
    pub fn write(&self, path: &Path) {
        let pem = self.key.to_pkcs8_pem(Default::default()).expect("a PEM");
        std::fs::write(path, pem.as_bytes()).expect("to write the key");
    }

    /// The public key as PEM.
    pub fn public_pem(&self) -> String {
        self.key
            .verifying_key()
            .to_public_key_pem(Default::default())
            .expect("a PEM")
    }

    /// Enrols this key as the first founder.
    pub async fn enrol(&self, admin: &Admin) {
        let answer = admin
            .post("founders", &json!({"public_key": self.public_pem()}))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// The authorization of a change: its payload with a validity window and a
    /// nonce, as the CLI would sign it.
    pub fn statement(change: &Value) -> Value {
        let mut statement = change["payload"].clone();
        assert!(statement.is_object(), "a payload to sign: {change}");
        sealed(&mut statement);
        statement
    }

    /// The DSSE envelope over this statement.
    pub fn envelope(&self, statement: &Value) -> Value {
        self.envelope_over(PAYLOAD_TYPE, &serde_json::to_vec(statement).expect("JSON"))
    }

    /// The DSSE envelope over these bytes, under this type.
    pub fn envelope_over(&self, payload_type: &str, payload: &[u8]) -> Value {
        let signature = self.key.sign(&pre_authentication(payload_type, payload));
        json!({
            "payloadType": payload_type,
            "payload": STANDARD.encode(payload),
            "signatures": [{"keyid": self.key_id(), "sig": STANDARD.encode(signature.to_bytes())}],
        })
    }

    /// The envelope of a change of the founders' keys: `add` (PEM), `revoke` (ids),
    /// where `before` (ids) count now.
    pub fn keys_envelope(&self, change: &Value, before: &[String]) -> Value {
        let mut statement = change.clone();
        let mut before = before.to_vec();
        before.sort();
        statement["before"] = before.into();
        sealed(&mut statement);
        let payload = serde_json::to_vec(&statement).expect("JSON");
        self.envelope_over(KEYS_TYPE, &payload)
    }

    /// SHA-256 of the public key's 32 bytes, lowercase hex.
    pub fn key_id(&self) -> String {
        crate::records::hex(&Sha256::digest(self.key.verifying_key().as_bytes()))
    }

    /// Signs and sends the authorization of a change; the new generation.
    pub async fn authorize(&self, admin: &Admin, change: &Value) -> i64 {
        let envelope = self.envelope(&Self::statement(change));
        let answer = admin.post("authorizations", &envelope).await;
        assert!(
            (200..300).contains(&answer.status),
            "{} {}",
            answer.status,
            answer.text()
        );
        let body = answer.json();
        body["generation"]
            .as_i64()
            .unwrap_or_else(|| panic!("no generation in {body}"))
    }

    /// Uploads a component, proposes it for `slot` and authorizes that; the new
    /// generation.
    pub async fn activate(&self, gateway: &Gateway, slot: &str, component: Vec<u8>) -> i64 {
        let admin = gateway.admin();
        let digest = admin.upload_ok(component).await;
        let change = admin.propose(slot, &digest).await;
        self.authorize(&admin, &change).await
    }
}

/// Adds a validity window and a nonce.
fn sealed(statement: &mut Value) {
    let now = now_seconds();
    statement["not_before"] = timestamp(now - 60);
    statement["not_after"] = timestamp(now + 600);
    statement["nonce"] = nonce().into();
}

/// DSSE's encoding of what is signed.
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    )
    .into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// Seconds since the Unix epoch.
pub fn now_seconds() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    i64::try_from(now.as_secs()).expect("a clock before the end of time")
}

/// RFC 3339, UTC.
pub fn timestamp(seconds: i64) -> Value {
    jiff::Timestamp::from_second(seconds)
        .expect("a time")
        .to_string()
        .into()
}

fn nonce() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let seed = format!("{} {} {count}", std::process::id(), now_seconds());
    crate::records::hex(&Sha256::digest(seed)[..16])
}
