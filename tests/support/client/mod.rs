//! A strict client of the gateway's dialects, and one of the admin API.

mod admin;
mod dialect;
mod error;
mod heard;
mod raw;
mod rules;
mod stream;

use std::sync::Once;
use std::time::Duration;

use bytes::Bytes;
pub use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

pub use admin::{Admin, Part, form};
pub use dialect::{Dialect, streamed};
pub use heard::{Heard, Tokens};
pub use raw::{RawAnswer, RawConnection};
pub use rules::{Completion, Inference, Message, check};
pub use stream::{DONE, Ended, Event, Streamed, Streaming};

/// A client with one key. Clones share connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
    /// Whether Messages calls name a version.
    version: bool,
    headers: Vec<(String, String)>,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Response headers.
    pub headers: HeaderMap,
    /// Response body.
    pub body: Bytes,
}

/// A reqwest client for loopback calls that must not hang a test.
pub(crate) fn http_client() -> reqwest::Client {
    static TLS: Once = Once::new();
    TLS.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        // Longer than the longest wait that a call asks for.
        .timeout(Duration::from_secs(150))
        // Shorter than the gateway's own: a test that was busy for long must not
        // call on a connection that the gateway has closed meanwhile.
        .pool_idle_timeout(Duration::from_secs(2))
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("an HTTP client")
}

/// The least request of a model.
pub fn ask(model: &str, text: &str) -> Value {
    json!({"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": text}]})
}

/// [`ask`] with a `routing_hint`.
pub fn ask_hint(model: &str, hint: Value) -> Value {
    let mut body = ask(model, "hi");
    body["routing_hint"] = hint;
    body
}

impl Client {
    /// A client that calls `base` with `key`.
    pub fn new(base: &str, key: &str) -> Self {
        Self {
            http: http_client(),
            base: base.to_owned(),
            key: key.to_owned(),
            version: true,
            headers: Vec::new(),
        }
    }

    /// The same with another key; an empty one sends none.
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = key.to_owned();
        self
    }

    /// The same, sending one more header with each call.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, naming no version of the dialect.
    pub fn without_version(mut self) -> Self {
        self.version = false;
        self
    }

    /// A request with the key where the path's dialect has it, and its headers.
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        let anthropic = Dialect::of(path) == Dialect::Anthropic;
        if !self.key.is_empty() {
            request = if anthropic {
                request.header("x-api-key", &self.key)
            } else {
                request.bearer_auth(&self.key)
            };
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
    }

    fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
        let mut request = self
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(body);
        if self.version && Dialect::of(path) == Dialect::Anthropic {
            request = request.header("anthropic-version", "2023-06-01");
        }
        request
    }

    /// POSTs a body of bytes, as it is, and reads the whole answer.
    pub async fn post_bytes(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        let response = self
            .post(path, body.into())
            .send()
            .await
            .expect("an HTTP answer");
        Answer::read(response).await
    }

    /// The same, or nothing where the connection breaks.
    pub async fn try_post(&self, path: &str, body: impl Into<Bytes>) -> Option<Answer> {
        let response = self.post(path, body.into()).send().await.ok()?;
        Answer::try_read(response).await
    }

    /// A call of `/v1/messages`, not streamed.
    pub async fn messages(&self, body: &Value) -> Answer {
        self.post_bytes("/v1/messages", body.to_string()).await
    }

    /// The same, which must succeed; its answer as JSON.
    pub async fn messages_ok(&self, body: &Value) -> (Answer, Value) {
        let answer = self.messages(body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        (answer, json)
    }

    /// GETs a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    /// The same, or nothing where the connection breaks.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        let response = self.request(Method::GET, path).send().await.ok()?;
        Answer::try_read(response).await
    }

    /// Sends a request without a body.
    pub async fn send(&self, method: Method, path: &str) -> Answer {
        let request = self.request(method, path);
        Answer::read(request.send().await.expect("an HTTP answer")).await
    }

    /// Opens a stream of bytes as they come; the answer may be an HTTP error.
    pub async fn open(&self, path: &str, body: impl Into<Bytes>) -> Streaming {
        let opened = self.try_open(path, body).await;
        opened.expect("an HTTP answer")
    }

    /// The same, or why there is no answer.
    pub async fn try_open(
        &self,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<Streaming, reqwest::Error> {
        let response = self.post(path, body.into()).send().await?;
        Ok(Streaming::new(response))
    }

    /// Opens `/v1/messages` with `"stream": true`, which must be a 200.
    pub async fn open_stream(&self, body: &Value) -> Streaming {
        let mut body = body.clone();
        body["stream"] = true.into();
        let streaming = self.open("/v1/messages", body.to_string()).await;
        if streaming.status != 200 {
            let answer = streaming.rest().await;
            panic!(
                "a stream, not {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.raw)
            );
        }
        streaming
    }

    /// Streams `/v1/messages` to its end, whatever end that is.
    pub async fn stream(&self, body: &Value) -> Streamed {
        let mut body = body.clone();
        body["stream"] = true.into();
        self.open("/v1/messages", body.to_string())
            .await
            .rest()
            .await
    }

    /// Streams `/v1/messages`, which must end well; checked by the rules of the
    /// dialect, put together as a message.
    pub async fn stream_ok(&self, body: &Value) -> (Streamed, Message) {
        let streamed = self.stream(body).await;
        assert_eq!(
            streamed.status,
            200,
            "{}",
            String::from_utf8_lossy(&streamed.raw)
        );
        let message = streamed.message();
        assert!(message.error.is_none(), "{message:?}");
        (streamed, message)
    }
}

impl Answer {
    async fn read(response: reqwest::Response) -> Self {
        Self::try_read(response).await.expect("a whole body")
    }

    async fn try_read(response: reqwest::Response) -> Option<Self> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.ok()?;
        Some(Self {
            status,
            headers,
            body,
        })
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The gateway's id of the call.
    pub fn request_id(&self) -> String {
        self.header("request-id")
            .expect("a request-id header")
            .to_owned()
    }
}

pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    assert!(all.next().is_none(), "header {name} came twice");
    Some(first.to_str().expect("a header of text"))
}
