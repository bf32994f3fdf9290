//! Long work: answered within the caller's patience, or later.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ainfera_tests::client::{Admin, Answer, Method};
use ainfera_tests::gateway::{ADMIN_TOKEN, Setup, binary};
use ainfera_tests::plugins;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};

use super::steep;

const WASM: (&str, &str) = ("content-type", "application/wasm");

async fn upload(admin: &Admin, prefer: &str, component: Vec<u8>) -> Answer {
    let headers = [WASM, ("prefer", prefer)];
    admin
        .send(Method::POST, "plugins", &headers, component)
        .await
}

/// What the work of a 202 answers in the end.
async fn outcome(admin: &Admin, accepted: &Answer) -> Value {
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let location = accepted.header("location").expect("a location");
    let path = location.strip_prefix("/admin/v1/").expect("a route");
    let body = accepted.json();
    assert!(
        path.ends_with(body["id"].as_str().expect("an id")),
        "{path}: {body}"
    );
    assert_eq!(body["state"], "running");
    assert!(body["answer"].is_null() && body["status"].is_null());
    let answer = admin
        .send(Method::GET, path, &[("prefer", "wait=120")], "")
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("preference-applied"), Some("wait=120"));
    let work = answer.json();
    assert_eq!(work["state"], "done", "{work}");
    work
}

#[tokio::test]
async fn an_upload_that_is_not_waited_for_is_verified_all_the_same() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let accepted = upload(&admin, "wait=0", steep()).await;
    assert_eq!(accepted.header("preference-applied"), Some("wait=0"));
    let work = outcome(&admin, &accepted).await;
    assert_eq!(work["status"], 201, "{work}");
    let plugin = work["answer"].clone();
    assert_eq!(plugin["state"], "verified", "{work}");
    let digest = plugin["digest"].as_str().expect("a digest");
    assert_eq!(admin.get_ok(&format!("plugins/{digest}")).await, plugin);
    // The answer is there as often as it is asked for.
    assert_eq!(outcome(&admin, &accepted).await, work);
}

#[tokio::test]
async fn a_rejection_is_the_answer_of_its_work() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let accepted = upload(&admin, "respond-async", plugins::hostile("lever-lies")).await;
    assert_eq!(accepted.header("preference-applied"), Some("respond-async"));
    let work = outcome(&admin, &accepted).await;
    assert_eq!(work["status"], 422, "{work}");
    let same = admin.upload(plugins::hostile("lever-lies")).await;
    assert_eq!(work["answer"], same.json());
}

#[tokio::test]
async fn a_proposal_and_a_trial_are_answered_later_too() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let digest = admin.upload_ok(steep()).await;
    let body = json!({"slots": {"preference-dial": digest}}).to_string();
    let now = [("content-type", "application/json"), ("prefer", "wait=0")];
    let accepted = admin.send(Method::POST, "changes", &now, body).await;
    let work = outcome(&admin, &accepted).await;
    assert_eq!(work["status"], 201, "{work}");
    let id = work["answer"]["id"].as_str().expect("an id");
    assert_eq!(admin.get_ok(&format!("changes/{id}")).await, work["answer"]);

    let (kind, body) = ainfera_tests::client::form(&[("component", &steep())]);
    let now = [("content-type", kind), ("prefer", "wait=0")];
    let accepted = admin.send(Method::POST, "sandbox/check", &now, body).await;
    let work = outcome(&admin, &accepted).await;
    assert_eq!(
        (&work["status"], &work["answer"]["slot"]),
        (&json!(200), &json!("preference-dial"))
    );
}

#[tokio::test]
async fn patience_that_suffices_gets_the_answer_itself() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let answer = upload(&admin, "wait=100000", steep()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("preference-applied"), Some("wait=120"));
    let plain = admin.send(Method::POST, "plugins", &[], steep());
    let answer = plain.await;
    assert_eq!(
        (answer.status, answer.header("preference-applied")),
        (200, None)
    );
}

#[tokio::test]
async fn work_that_nobody_knows_is_not_found() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    for id in ["wrk_0000000000000001", "nothing"] {
        let answer = admin.get(&format!("work/{id}")).await;
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
    let accepted = upload(&admin, "wait=0", steep()).await;
    outcome(&admin, &accepted).await;
    let id = accepted.json()["id"].as_str().expect("an id").to_owned();
    let gateway = gateway.restart().await;
    let answer = gateway.admin().get(&format!("work/{id}")).await;
    assert_eq!(answer.status, 404, "memory alone had it");
    assert!(
        answer.text().contains("ask for the same again"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn an_upload_that_a_restart_cut_off_is_verified_when_it_comes_again() {
    let gateway = Setup::new().start().await;
    let digest = gateway.admin().upload_ok(steep()).await;
    gateway.kill();
    // As it stood between the upload and its verdict.
    let undone = format!(
        "UPDATE components SET state = 'uploaded', slot = NULL, report = NULL, fuel_budget = NULL,
         fingerprint = NULL WHERE digest = '{digest}'"
    );
    assert_eq!(gateway.database().execute(&undone), 1);
    let gateway = gateway.restart().await;
    let admin = gateway.admin();
    let plugin = admin.get_ok(&format!("plugins/{digest}")).await;
    assert_eq!(plugin["state"], "uploaded", "{plugin}");
    assert_eq!(admin.upload(steep()).await.status, 201);
}

/// An admin API whose upload takes a while and is then rejected.
async fn slow_gateway() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let work = |status: Value, answer: Value| {
        let state = if status.is_null() { "running" } else { "done" };
        Json(
            json!({"id": "wrk_0000000000000001", "state": state, "started_us": 1, "status": status, "answer": answer}),
        )
    };
    let count = Arc::clone(&asked);
    let app = Router::new()
        .route(
            "/admin/v1/plugins",
            post(move || async move { (StatusCode::ACCEPTED, work(Value::Null, Value::Null)) }),
        )
        .route(
            "/admin/v1/work/wrk_0000000000000001",
            get(async move || {
                let error =
                    json!({"error": {"code": "rejected", "message": "it lies", "reasons": []}});
                match count.fetch_add(1, Ordering::SeqCst) {
                    0 | 1 => work(Value::Null, Value::Null),
                    _ => work(json!(422), error),
                }
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(app.clone());
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // The command closes its connections as it likes.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (url, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_asks_until_there_is_an_answer() {
    let (url, asked) = slow_gateway().await;
    let mut command = Command::new(binary());
    command
        .args(["plugin", "push"])
        .arg(plugins::path("preference-dial-steep"))
        .args(["--admin-url", &url])
        .env("AINFERA_ADMIN_TOKEN", ADMIN_TOKEN);
    let run = tokio::task::spawn_blocking(move || command.output().expect("the binary to run"));
    let output = run.await.expect("no panic");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("it lies"), "{said}");
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}
