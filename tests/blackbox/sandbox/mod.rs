//! Components that are tried over HTTP without being uploaded, and long work that
//! is answered later.

mod quota;
mod work;

use ainfera_tests::client::{Admin, Method, Part, ask_hint};
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::plugins;
use serde_json::{Value, json};

fn dial() -> Vec<u8> {
    plugins::dist("preference-dial")
}

fn steep() -> Vec<u8> {
    plugins::dist("preference-dial-steep")
}

/// A gateway that refuses no trial for what those before it took.
async fn started(setup: Setup) -> Gateway {
    let quota = "\n[sandbox]\nrequests_per_minute = 100000\nseconds_per_minute = 100000\n";
    setup.config(quota).start().await
}

/// A plugin author of this name, by a new token.
async fn author(gateway: &Gateway, name: &str) -> Admin {
    let admin = gateway.admin();
    let body = json!({"name": name, "role": "author"});
    let made = admin.created("tokens", &body).await;
    admin.with_token(made["secret"].as_str().expect("a token"))
}

/// What a trial answers, which must succeed.
async fn tried(gateway: &Gateway, what: &str, parts: &[Part<'_>]) -> Value {
    tried_by(&gateway.admin(), what, parts).await
}

async fn tried_by(admin: &Admin, what: &str, parts: &[Part<'_>]) -> Value {
    let answer = admin.form(&format!("sandbox/{what}"), parts).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Everything that a trial must leave as it is.
async fn kept(gateway: &Gateway) -> (Value, Value, i64, i64) {
    let admin = gateway.admin();
    let records = gateway.records();
    (
        admin.get_ok("plugins").await,
        admin.get_ok("policy").await,
        records.number("SELECT count(*) FROM components"),
        records.number("SELECT count(*) FROM audit_log"),
    )
}

#[tokio::test]
async fn nothing_of_what_is_tried_is_kept() {
    let gateway = started(Setup::new()).await;
    let before = kept(&gateway).await;
    let ask = json!([{"describe": {}}]).to_string();
    tried(&gateway, "check", &[("component", &steep())]).await;
    let parts: [Part<'_>; 2] = [("component", &steep()), ("questions", ask.as_bytes())];
    tried(&gateway, "evaluate", &parts).await;
    let parts: [Part<'_>; 2] = [("component", &dial()), ("other", &steep())];
    tried(&gateway, "diff", &parts).await;
    let lies = plugins::hostile("lever-lies");
    let admin = gateway.admin();
    let answer = admin.form("sandbox/check", &[("component", &lies)]).await;
    assert_eq!(answer.status, 422);
    assert_eq!(kept(&gateway).await, before);
}

#[tokio::test]
async fn an_author_goes_all_the_way_to_a_proposal_and_no_further() {
    let gateway = started(Setup::new()).await;
    let ada = author(&gateway, "ada").await;
    let candidate: Part<'_> = ("component", &steep());
    let ask = json!([{"describe": {}}]).to_string();
    tried_by(&ada, "check", &[candidate]).await;
    tried_by(
        &ada,
        "evaluate",
        &[candidate, ("questions", ask.as_bytes())],
    )
    .await;
    tried_by(&ada, "diff", &[candidate, ("other", &dial())]).await;
    tried_by(&ada, "replay", &[candidate]).await;
    let digest = ada.upload_ok(steep()).await;
    let change = json!({"slots": {"preference-dial": digest}});
    let proposed = ada.post("changes", &change).await;
    assert_eq!(proposed.status, 201, "{}", proposed.text());
    let signed = ada.post("authorizations", &json!({})).await;
    assert_eq!(signed.status, 403, "{}", signed.text());
    assert_eq!(ada.generation().await, 1);
}

#[tokio::test]
async fn a_check_finds_what_an_upload_finds() {
    let gateway = started(Setup::new()).await;
    let admin = gateway.admin();
    let mut check = tried(&gateway, "check", &[("component", &steep())]).await;
    let mut upload = admin.upload(steep()).await.json()["report"].clone();
    // Times are the only thing that may differ.
    for report in [&mut check, &mut upload] {
        let times = report.as_object_mut().expect("a report");
        assert!(times.remove("evaluation_us").is_some());
    }
    assert_eq!(check, upload);

    let lies = plugins::hostile("lever-lies");
    let check = admin.form("sandbox/check", &[("component", &lies)]).await;
    let upload = admin.upload(lies).await;
    assert_eq!((check.status, upload.status), (422, 422));
    assert_eq!(check.json(), upload.json());
    assert!(!check.json()["error"]["reasons"][0]["input"].is_null());
}

#[tokio::test]
async fn questions_are_answered_with_every_digit() {
    let gateway = started(Setup::new()).await;
    let apply =
        |base: &str, live| json!({"apply": {"preference": "quality", "base": base, "live": live}});
    let questions = json!([
        apply("0.500", true),
        apply("0.5", false),
        {"listing": {}},
    ]);
    let questions = questions.to_string();
    let parts: [Part<'_>; 2] = [("component", &steep()), ("questions", questions.as_bytes())];
    let said = tried(&gateway, "evaluate", &parts).await;
    assert_eq!(said["slot"], "preference-dial");
    let [first, second, third] = said["answers"].as_array().expect("answers").as_slice() else {
        panic!("{said}");
    };
    assert_eq!(first["answer"], "0.700");
    assert_eq!(second["answer"], "0.5");
    for measured in ["fuel", "memory", "time_us"] {
        assert!(first[measured].as_u64() > Some(0), "{first}");
    }
    let error = third["error"].as_str().expect("an error");
    assert!(error.contains("has no `listing`"), "{error}");
}

#[tokio::test]
async fn a_component_that_faults_is_answered_with_its_fault() {
    let gateway = started(Setup::new()).await;
    let questions = json!([{"apply": {"preference": "quality", "base": "0.5", "live": true}}]);
    let questions = questions.to_string();
    let ask = async |name: &str| {
        let component = plugins::hostile(name);
        let parts: [Part<'_>; 2] = [
            ("component", &component),
            ("questions", questions.as_bytes()),
        ];
        let said = tried(&gateway, "evaluate", &parts).await;
        said["answers"][0]["error"]
            .as_str()
            .unwrap_or_else(|| panic!("{name}: {said}"))
            .to_owned()
    };
    assert!(ask("endless-loop").await.contains("fuel"));
    assert!(ask("traps").await.contains("trapped"));
}

#[tokio::test]
async fn components_are_compared_by_bytes_and_by_digest() {
    let gateway = started(Setup::new()).await;
    let digest = gateway.admin().upload_ok(steep()).await;
    let by_bytes: [Part<'_>; 2] = [("component", &dial()), ("other", &steep())];
    let diff = tried(&gateway, "diff", &by_bytes).await;
    assert_eq!(diff["levers"].as_array().map(Vec::len), Some(2), "{diff}");
    assert!(diff["different"].as_u64() > Some(0));
    let by_digest: [Part<'_>; 2] = [("component", &dial()), ("other", digest.as_bytes())];
    assert_eq!(tried(&gateway, "diff", &by_digest).await, diff);

    let clamp = plugins::dist("floor-clamp");
    let slots: [Part<'_>; 2] = [("component", &dial()), ("other", &clamp)];
    let answer = gateway.admin().form("sandbox/diff", &slots).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(answer.json()["error"]["code"], "incomparable");
}

#[tokio::test]
async fn a_replay_tells_what_would_change_and_of_whom_nothing() {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    let gateway = started(Setup::new().live().catalog(&catalog)).await;
    for preference in ["quality", "quality", "balanced"] {
        let hint = json!({"routing_preference": preference});
        let ask = ask_hint("ainfera-inference", hint);
        gateway.client().messages_ok(&ask).await;
    }
    let replay = tried(&gateway, "replay", &[("component", &steep())]).await;
    assert_eq!(replay["decided"], 3, "{replay}");
    let recorded = &replay["as_recorded"];
    assert_eq!(recorded["total"]["floor_up"], 2, "{replay}");
    assert_eq!(recorded["preferences"]["quality"]["floor_up"], 2);
    assert_eq!(recorded["preferences"]["balanced"]["changed"], 0);
    assert_eq!(recorded["agents_left_off"], 1);
    let agent = gateway.admin().only_agent().await;
    for named in [agent.as_str(), "req_"] {
        assert!(!replay.to_string().contains(named), "{replay}");
    }
    let same = tried(&gateway, "replay", &[("component", &dial())]).await;
    assert_eq!(same["as_recorded"]["total"]["changed"], 0, "{same}");
    let lies = plugins::hostile("lever-lies");
    let admin = gateway.admin();
    let answer = admin.form("sandbox/replay", &[("component", &lies)]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
}

#[tokio::test]
async fn a_form_that_does_not_fit_is_refused_with_the_reason() {
    let gateway = started(Setup::new()).await;
    let admin = gateway.admin();
    let many = vec![json!({"describe": {}}); 257];
    let many = json!(many).to_string();
    let unknown = "0".repeat(64);
    let cases: [(&str, &[Part<'_>], u16, &str); 8] = [
        ("check", &[], 400, "no part `component`"),
        (
            "check",
            &[("component", b"no component")],
            422,
            "not WebAssembly",
        ),
        (
            "check",
            &[("component", unknown.as_bytes())],
            422,
            "there is no component",
        ),
        (
            "check",
            &[("component", b"x"), ("other", b"y")],
            400,
            "takes no part \"other\"",
        ),
        (
            "check",
            &[("component", b"x"), ("component", b"y")],
            400,
            "twice",
        ),
        ("diff", &[("component", b"x")], 400, "no part `other`"),
        (
            "evaluate",
            &[("component", b"x"), ("questions", b"[{\"guess\":{}}]")],
            400,
            "unknown variant `guess`",
        ),
        (
            "evaluate",
            &[("component", b"x"), ("questions", many.as_bytes())],
            400,
            "1 to 256",
        ),
    ];
    for (what, parts, status, why) in cases {
        let answer = admin.form(&format!("sandbox/{what}"), parts).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        let body = answer.json();
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.contains(why), "{what}: {message}");
    }
    let answer = admin
        .send(
            Method::POST,
            "sandbox/check",
            &[("content-type", "application/wasm")],
            dial(),
        )
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.text().contains("multipart/form-data"),
        "{}",
        answer.text()
    );
}
