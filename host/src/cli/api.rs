//! The gateway's admin API, as the commands call it.

use std::env;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::IF_MATCH;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::failure::Failure;
use crate::lifecycle::laws::Reason;
use crate::store::WorkId;

/// Holds the token: never an argument, which other users of the machine see.
const TOKEN: &str = "AINFERA_ADMIN_TOKEN";

/// How long the gateway may take for an answer: long work is asked after.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How long a call waits for its work before it asks after it, and between two
/// times of asking.
const WAIT: &str = "wait=20";

/// Where the gateway is. The token is taken from `AINFERA_ADMIN_TOKEN`
#[derive(Debug, clap::Args)]
pub(super) struct ApiArgs {
    /// The gateway's admin listener
    #[arg(
        long,
        value_name = "URL",
        env = "AINFERA_ADMIN_URL",
        default_value = "http://127.0.0.1:8081"
    )]
    admin_url: String,
}

/// A connection to the admin API.
pub(super) struct Api {
    http: Client,
    base: String,
    token: String,
}

/// An error of the admin API.
#[derive(Deserialize)]
struct Refusal {
    error: Inner,
}

/// Work that goes on after its call was answered.
#[derive(Deserialize)]
struct Work {
    id: WorkId,
    status: Option<u16>,
    answer: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Inner {
    message: String,
    #[serde(default)]
    reasons: Vec<Reason>,
}

impl ApiArgs {
    pub(super) fn connect(&self) -> Result<Api, Failure> {
        let token = env::var(TOKEN)
            .ok()
            .filter(|token| !token.is_empty())
            .ok_or_else(|| {
                Failure::unusable(format!(
                    "set {TOKEN} to the admin token that the gateway showed at its first start"
                ))
            })?;
        let http = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(Failure::unusable)?;
        Ok(Api {
            http,
            base: self.admin_url.trim_end_matches('/').to_owned(),
            token,
        })
    }
}

impl Api {
    /// GET.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST of JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// PUT of JSON.
    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// DELETE.
    pub(super) async fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// PATCH of JSON.
    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(self.request(Method::PATCH, path).json(body))
            .await
    }

    /// PUT of JSON in place of this version.
    pub(super) async fn put_if(
        &self,
        path: &str,
        version: i64,
        body: &Value,
    ) -> Result<Value, Failure> {
        let request = self.request(Method::PUT, path).json(body);
        self.send(request.header(IF_MATCH, format!("\"{version}\"")))
            .await
    }

    /// POST of a component.
    pub(super) async fn upload(&self, component: Vec<u8>) -> Result<Value, Failure> {
        self.send(
            self.request(Method::POST, "plugins")
                .header("content-type", "application/wasm")
                .body(component),
        )
        .await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/admin/v1/{path}", self.base))
            .bearer_auth(&self.token)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let mut answer = self.exchange(request).await?;
        if answer.0 == StatusCode::ACCEPTED
            && let Ok(Work { id, .. }) = serde_json::from_slice(&answer.1)
        {
            answer = self.outcome(id).await?;
        }
        let (status, body) = answer;
        if status.is_success() {
            return Ok(serde_json::from_slice(&body)?);
        }
        let Ok(Refusal {
            error: Inner { message, reasons },
        }) = serde_json::from_slice(&body)
        else {
            return Err(Failure::unusable(format!(
                "{} answers {status}, but not as an admin API does; see --admin-url",
                self.base
            )));
        };
        Err(if status.is_server_error() {
            Failure::unusable(message)
        } else {
            Failure::Refused { message, reasons }
        })
    }

    /// What work answers that the gateway goes on with.
    async fn outcome(&self, id: WorkId) -> Result<(StatusCode, Bytes), Failure> {
        eprintln!("the gateway is at work on it");
        loop {
            let request = self.request(Method::GET, &format!("work/{id}"));
            let (status, body) = self.exchange(request).await?;
            if !status.is_success() {
                return Ok((status, body));
            }
            let work: Work = serde_json::from_slice(&body)?;
            if let Some((status, answer)) = work.status.zip(work.answer) {
                let status = StatusCode::from_u16(status).map_err(Failure::unusable)?;
                return Ok((status, Bytes::from(answer.get().to_owned())));
            }
        }
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<(StatusCode, Bytes), Failure> {
        let unreachable = |error: reqwest::Error| {
            // Its own text hides the cause.
            let cause = std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
                error.source()
            })
            .last()
            .map(ToString::to_string);
            Failure::unusable(format!(
                "no answer from {}: {}; is the gateway running? (--admin-url, AINFERA_ADMIN_URL)",
                self.base,
                cause.unwrap_or_default()
            ))
        };
        let response = request.header("prefer", WAIT).send().await;
        let response = response.map_err(unreachable)?;
        let status = response.status();
        Ok((status, response.bytes().await.map_err(unreachable)?))
    }
}

/// `text` as a part of a path; slashes stay.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut path, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' | b'/' => {
                path.push(char::from(byte));
            }
            other => path.push_str(&format!("%{other:02X}")),
        }
        path
    })
}

/// The part `name` of an answer.
pub(super) fn part<T: DeserializeOwned>(answer: &Value, name: &str) -> Result<T, Failure> {
    Ok(T::deserialize(answer.get(name).unwrap_or(&Value::Null))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_may_not_hold_is_encoded() {
        assert_eq!(encoded("org/m-1.0@p"), "org/m-1.0@p");
        assert_eq!(encoded("a?b#c%ä"), "a%3Fb%23c%25%C3%A4");
    }
}
