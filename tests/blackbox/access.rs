//! Who may call what of the admin API: every role on every route, and the
//! tokens themselves.

use ainfera_tests::client::{Admin, Method};
use ainfera_tests::gateway::{Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};

const ROLES: [&str; 4] = ["founder", "operator", "author", "auditor"];

/// A client with a new token of this role.
async fn holder(admin: &Admin, name: &str, role: &str) -> Admin {
    let made = admin
        .created("tokens", &json!({"name": name, "role": role}))
        .await;
    admin
        .clone()
        .with_token(made["secret"].as_str().expect("a token"))
}

async fn holders(gateway: &Gateway) -> [Admin; 4] {
    let admin = gateway.admin();
    let [a, b, c, d] = ROLES.map(|role| holder(&admin, role, role));
    [a.await, b.await, c.await, d.await]
}

/// Refused by role: 403 `forbidden`, before anything of the body is looked at.
async fn forbidden(admin: &Admin, method: Method, path: &str, body: &str) -> bool {
    let answer = admin.send(method, path, &[], body.to_owned()).await;
    assert_ne!(answer.status, 401, "{path}: {}", answer.text());
    answer.status == 403 && answer.json()["error"]["code"] == "forbidden"
}

/// The table of the specification's section 10, as it stands there: what each
/// role may do, in the order of `ROLES`.
const TABLE: [(&str, &[&str]); 9] = [
    (
        "xxx-",
        &[
            "POST plugins",
            "POST changes",
            "POST sandbox/evaluate",
            "POST sandbox/check",
            "POST sandbox/diff",
        ],
    ),
    ("xx--", &["POST shadow", "GET shadow", "DELETE shadow"]),
    ("x---", &["POST authorizations"]),
    ("xx--", &["POST policy/rollback", "PUT gates/{name}"]),
    ("xx--", &["POST founders"]),
    (
        "xx--",
        &[
            "GET tenants",
            "POST tenants",
            "GET agents",
            "POST agents",
            "GET agents/{id}/keys",
            "POST agents/{id}/keys",
            "PATCH keys/{id}",
            "DELETE keys/{id}",
            "POST keys/{id}/rotate",
            "GET catalog",
            "PUT catalog",
            "PATCH models/{slug}",
            "PATCH offers/{id}",
        ],
    ),
    (
        "xxxx",
        &[
            "GET policy",
            "GET policy/generations",
            "GET plugins/{digest}",
            "GET changes/{id}/report",
        ],
    ),
    (
        "xx-x",
        &[
            "GET decisions",
            "GET decisions/{id}",
            "GET audit",
            "GET audit/chains",
        ],
    ),
    ("xx--", &["GET tokens", "POST tokens", "DELETE tokens/{id}"]),
];

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_no_more() {
    let gateway = Setup::new().start().await;
    let holders = holders(&gateway).await;
    for (allowed, routes) in TABLE {
        for route in routes {
            let (method, path) = route.split_once(' ').expect("a route");
            for ((role, admin), mark) in ROLES.iter().zip(&holders).zip(allowed.chars()) {
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                let refused = forbidden(admin, method, path, "{}").await;
                assert_eq!(refused, mark == '-', "{role}: {route}");
            }
        }
    }
    // A token opens only while it bears the right text.
    for token in ["", "adm_", "founder"] {
        let answer = gateway.admin().with_token(token).get("policy").await;
        assert_eq!(answer.status, 401, "{token:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_which_role_it_takes() {
    let gateway = Setup::new().start().await;
    let author = holder(&gateway.admin(), "ada", "author").await;
    let answer = author.get("decisions").await;
    assert_eq!(answer.status, 403);
    let said = answer.json()["error"]["message"].to_string();
    for word in ["founder, operator or auditor", "author:ada"] {
        assert!(said.contains(word), "{said}");
    }
    // What is no route is told to everyone, and a wrong method with the right ones.
    assert_eq!(author.get("nothing").await.status, 404);
    let answer = author.delete("tokens").await;
    assert_eq!(answer.status, 405, "{}", answer.text());
    assert_eq!(answer.header("allow"), Some("GET,POST"));
}

#[tokio::test]
async fn a_gate_is_opened_by_a_founder_and_closed_by_an_operator_too() {
    let gateway = Setup::new().start().await;
    let [founder, operator, ..] = holders(&gateway).await;
    let gate = "gates/routing_preference_live";
    let (open, close) = (json!({"open": true}), json!({"open": false}));
    assert_eq!(operator.put(gate, &open).await.status, 403);
    assert_eq!(founder.put(gate, &open).await.status, 200);
    let closed = operator.put(gate, &close).await;
    assert_eq!(closed.json()["open"], false, "{}", closed.text());
    let actors: Vec<_> = gateway
        .records()
        .audit("gate.changed")
        .into_iter()
        .map(|event| event["actor"].clone())
        .collect();
    assert_eq!(actors, ["founder:founder", "operator:operator"]);
}

#[tokio::test]
async fn the_audit_names_who_acted() {
    let gateway = Setup::new().start().await;
    let [_, operator, author, _] = holders(&gateway).await;
    let digest = author
        .upload_ok(plugins::dist("preference-dial-steep"))
        .await;
    let change = author.propose("preference-dial", &digest).await;
    assert_eq!(change["actor"], "author:author");
    operator.created("tenants", &json!({"name": "Acme"})).await;
    let records = gateway.records();
    for (event, actor) in [
        ("plugin.verified", "author:author"),
        ("change.proposed", "author:author"),
        ("tenant.created", "operator:operator"),
        ("token.created", "admin"),
    ] {
        let found = records.audit(event);
        let last = found.last().unwrap_or_else(|| panic!("no {event}"));
        assert_eq!(last["actor"], actor, "{event}: {last}");
    }
}

#[tokio::test]
async fn nobody_makes_a_token_with_more_rights_than_their_own() {
    let gateway = Setup::new().start().await;
    let [founder, operator, author, auditor] = holders(&gateway).await;
    let wish = |name: &str, role: &str| json!({"name": name, "role": role}).to_string();
    for role in ROLES {
        let name = format!("by-founder-{role}");
        let may = !forbidden(&founder, Method::POST, "tokens", &wish(&name, role)).await;
        assert!(may, "a founder makes any");
        let name = format!("by-operator-{role}");
        let may = !forbidden(&operator, Method::POST, "tokens", &wish(&name, role)).await;
        assert_eq!(may, role != "founder", "operator makes {role}");
        for admin in [&author, &auditor] {
            assert!(forbidden(admin, Method::POST, "tokens", &wish("x", role)).await);
        }
    }
    let tokens = founder.get_ok("tokens").await;
    let id = |name: &str| {
        let tokens = tokens["tokens"].as_array().expect("tokens").iter();
        let found = tokens.clone().find(|token| token["name"] == name);
        found.expect(name)["id"].as_str().expect("an id").to_owned()
    };
    let path = format!("tokens/{}", id("founder"));
    assert!(forbidden(&operator, Method::DELETE, &path, "").await);
    let path = format!("tokens/{}", id("by-operator-author"));
    assert_eq!(operator.delete(&path).await.status, 200);
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_and_its_name_is_free() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let wish = json!({"name": "ci", "role": "author"});
    let made = admin.created("tokens", &wish).await;
    let secret = made["secret"].as_str().expect("a token").to_owned();
    let ci = admin.clone().with_token(&secret);
    assert_eq!(ci.get("policy").await.status, 200);
    assert_eq!(admin.post("tokens", &wish).await.status, 409);
    // Neither the list nor the database has its text.
    let listed = admin.get_ok("tokens").await;
    assert!(!listed.to_string().contains(&secret), "{listed}");
    assert!(!gateway.database().holds(&secret));

    let path = format!("tokens/{}", made["id"].as_str().expect("an id"));
    for _ in 0..2 {
        assert_eq!(admin.delete(&path).await.status, 200);
    }
    assert_eq!(ci.get("policy").await.status, 401);
    assert_eq!(gateway.records().audit("token.revoked").len(), 1);
    let again = holder(&admin, "ci", "author").await;
    let gateway = gateway.restart().await;
    assert_eq!(ci_of(&gateway, &secret).await, 401);
    drop(again);
    for bad in [
        json!({"name": "", "role": "author"}),
        json!({"name": "a b", "role": "author"}),
        json!({"name": "\u{1b}[2J", "role": "author"}),
        json!({"name": "x".repeat(41), "role": "author"}),
        json!({"name": "x", "role": "king"}),
        json!({"name": "x"}),
    ] {
        let answer = gateway.admin().post("tokens", &bad).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
    }
}

async fn ci_of(gateway: &Gateway, secret: &str) -> u16 {
    gateway
        .admin()
        .with_token(secret)
        .get("policy")
        .await
        .status
}

#[tokio::test]
async fn an_operator_enrols_the_first_founder_and_no_other() {
    let gateway = Setup::new().start().await;
    let [_, operator, author, _] = holders(&gateway).await;
    let key = |seed| json!({"public_key": Founder::new(seed).public_pem()});
    assert_eq!(author.post("founders", &key(1)).await.status, 403);
    assert_eq!(operator.post("founders", &key(1)).await.status, 201);
    assert_eq!(operator.post("founders", &key(2)).await.status, 409);
}

#[tokio::test]
async fn the_command_line_makes_lists_and_revokes_tokens() {
    let gateway = Setup::new().start().await;
    let made = gateway
        .cli_ok(&["token", "create", "ci", "--role", "author", "--json"])
        .await;
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let id = made["id"].as_str().expect("an id");
    let listed = gateway.cli_ok(&["token", "list"]).await;
    assert!(listed.contains(id) && listed.contains("author"), "{listed}");
    gateway.cli_ok(&["token", "revoke", id]).await;
    let listed = gateway.cli_ok(&["token", "list"]).await;
    assert!(listed.contains("revoked"), "{listed}");
    for bad in [
        &["token", "create", "a b", "--role", "author"][..],
        &["token", "create", "x", "--role", "king"],
        &["token", "revoke", "tok_0000000000000001"],
        &["token", "revoke", "x"],
    ] {
        let output = gateway.cli(bad).await;
        assert!(!output.status.success(), "{bad:?}");
    }
}
