//! The admin API.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Answer, Method, http_client};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// What takes long is waited for: on a busy machine longer than the usual 10 s.
const PATIENT: (&str, &str) = ("prefer", "wait=120");

/// A part of a form: its name and its bytes.
pub type Part<'a> = (&'a str, &'a [u8]);

/// An admin client with one token.
#[derive(Clone)]
pub struct Admin {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Admin {
    /// A client of the admin listener at `base`.
    pub fn new(base: &str, token: &str) -> Self {
        Self {
            http: http_client(),
            base: base.to_owned(),
            token: token.to_owned(),
        }
    }

    /// The same with another token; an empty one sends none.
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = token.to_owned();
        self
    }

    /// Any call.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let url = format!("{}/admin/v1/{path}", self.base);
        let mut request = self.http.request(method, url).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        Answer::read(request.send().await.expect("an HTTP answer")).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &JSON, Bytes::new()).await
    }

    /// GET, which must succeed.
    pub async fn get_ok(&self, path: &str) -> Value {
        expect(&self.get(path).await, 200)
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[JSON[0], PATIENT], body.to_string())
            .await
    }

    /// The same, or nothing where the connection breaks.
    pub async fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        let url = format!("{}/admin/v1/{path}", self.base);
        let request = self.http.post(url).bearer_auth(&self.token);
        let request = request.header("content-type", "application/json");
        let response = request.body(body.to_string()).send().await.ok()?;
        Answer::try_read(response).await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, &JSON, body.to_string()).await
    }

    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, &JSON, body.to_string())
            .await
    }

    /// PUT of a catalog in place of this version.
    pub async fn put_catalog(&self, version: &str, kind: &str, body: impl Into<Bytes>) -> Answer {
        let headers = [("if-match", version), ("content-type", kind)];
        self.send(Method::PUT, "catalog", &headers, body).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &JSON, Bytes::new()).await
    }

    /// POST of JSON that must make something.
    pub async fn created(&self, path: &str, body: &Value) -> Value {
        expect(&self.post(path, body).await, 201)
    }

    /// PATCH of JSON, which must succeed.
    pub async fn patch_ok(&self, path: &str, body: &Value) -> Value {
        expect(&self.patch(path, body).await, 200)
    }

    /// Uploads a component.
    pub async fn upload(&self, component: impl Into<Bytes>) -> Answer {
        let headers = [("content-type", "application/wasm"), PATIENT];
        self.send(Method::POST, "plugins", &headers, component)
            .await
    }

    /// POST of a form's parts (multipart/form-data).
    pub async fn form(&self, path: &str, parts: &[Part<'_>]) -> Answer {
        let (kind, body) = form(parts);
        self.send(Method::POST, path, &[("content-type", kind), PATIENT], body)
            .await
    }

    /// An upload, or nothing where the connection breaks.
    pub async fn try_upload(&self, component: impl Into<Bytes>) -> Option<Answer> {
        let url = format!("{}/admin/v1/plugins", self.base);
        let request = self.http.post(url).bearer_auth(&self.token);
        let request = request.header(PATIENT.0, PATIENT.1);
        let response = request.body(component.into()).send().await.ok()?;
        Answer::try_read(response).await
    }

    /// Uploads a component that must verify; its digest.
    pub async fn upload_ok(&self, component: impl Into<Bytes>) -> String {
        let answer = self.upload(component).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
        let body = answer.json();
        assert_eq!(body["state"], "verified", "{body}");
        body["digest"].as_str().expect("a digest").to_owned()
    }

    /// Proposes a change of one slot; the change.
    pub async fn propose(&self, slot: &str, digest: &str) -> Value {
        expect(
            &self
                .post("changes", &json!({"slots": {slot: digest}}))
                .await,
            201,
        )
    }

    /// Flips the preference gate.
    pub async fn gate(&self, open: bool) {
        let answer = self
            .put("gates/routing_preference_live", &json!({"open": open}))
            .await;
        expect(&answer, 200);
    }

    /// The id of the one agent of a fresh gateway.
    pub async fn only_agent(&self) -> String {
        let list = self.get_ok("agents").await;
        let agents = list["agents"]
            .as_array()
            .unwrap_or_else(|| panic!("no agents in {list}"));
        assert_eq!(agents.len(), 1, "{list}");
        agents[0]["id"].as_str().expect("an id").to_owned()
    }

    /// The number of the active generation.
    pub async fn generation(&self) -> i64 {
        let policy = self.get_ok("policy").await;
        policy["generation"]
            .as_i64()
            .unwrap_or_else(|| panic!("no generation in {policy}"))
    }

    /// Rolls back to the digests of an earlier generation; the new generation.
    pub async fn rollback(&self, to: i64) -> i64 {
        let body = json!({"to_generation": to, "expected_generation": self.generation().await});
        let answer = expect(&self.post("policy/rollback", &body).await, 200);
        answer["generation"]
            .as_i64()
            .unwrap_or_else(|| panic!("no generation in {answer}"))
    }
}

/// A form's content type and body.
pub fn form(parts: &[Part<'_>]) -> (&'static str, Vec<u8>) {
    let mut body = Vec::new();
    for (name, bytes) in parts {
        let head = format!("--part\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--part--\r\n");
    ("multipart/form-data; boundary=part", body)
}

fn expect(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    answer.json()
}
