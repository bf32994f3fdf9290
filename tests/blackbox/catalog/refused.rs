//! What is no catalog changes nothing.

use ainfera_tests::client::Answer;
use ainfera_tests::gateway::{ADMIN_TOKEN, Catalog, Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};

fn code(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let code = body["error"]["code"].as_str().expect("a code");
    (answer.status, code.to_owned())
}

fn sim(slug: &str) -> String {
    Catalog::new()
        .simulated("s")
        .single(slug, "s", "0.60", "1")
        .text()
}

async fn versions(gateway: &Gateway) -> i64 {
    let admin = gateway.admin();
    let shown = admin.get_ok("catalog").await;
    assert_eq!(shown["version"], shown["in_force"]);
    shown["version"].as_i64().expect("a number")
}

#[tokio::test]
async fn hostile_catalogs_are_refused_by_name_and_nothing_changes() {
    let gateway = Setup::new().catalog_text(&sim("m")).start().await;
    let admin = gateway.admin();
    let bad_url = Catalog::new()
        .anthropic("a", "http://[")
        .single("m", "a", "0.6", "1")
        .text();
    let own_secret = sim("m").replace(
        "\"simulated\"\n",
        "\"simulated\"\nkey_env = \"AINFERA_ADMIN_TOKEN\"\n",
    );
    let huge = format!("# {}\n{}", "x".repeat(5 << 20), sim("m"));
    for (toml, status, says) in [
        (String::new(), 400, "providers"),
        ("not toml".to_owned(), 400, "not valid"),
        (sim("m").replace("q_prior", "quality"), 400, "quality"),
        (sim("m").replace("0.60", "1.60"), 422, "`m`"),
        (sim("a b"), 422, "white space"),
        (sim(&"x".repeat(300)), 422, "200 bytes"),
        (sim("ainfera-inference"), 422, "ainfera-inference"),
        (sim("ainfera/auto"), 422, "ainfera/auto"),
        (bad_url, 422, "`a`"),
        (own_secret, 422, "key_env"),
        (huge, 413, "bytes"),
    ] {
        let answer = admin.put_catalog("1", "application/toml", toml).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(says), "{}", answer.text());
    }
    let nested = "[".repeat(100_000);
    for json in [
        "",
        "{",
        "null",
        "[]",
        "{\"providers\": 1}",
        &nested,
        "{\"providers\":{},\"x\":1}",
    ] {
        let answer = admin
            .put_catalog("1", "application/json", json.to_owned())
            .await;
        assert_eq!(
            code(&answer),
            (400, "invalid_request".to_owned()),
            "{json:.20}"
        );
    }
    let invalid = admin
        .put_catalog("1", "application/json", vec![b'"', 0xff])
        .await;
    assert_eq!(invalid.status, 400);
    for version in ["*", "W/\"1\"", "one", "1, 2"] {
        let answer = admin
            .put_catalog(version, "application/toml", sim("m"))
            .await;
        assert_eq!(answer.status, 400, "{version}: {}", answer.text());
    }
    for version in ["0", "2", "-1", "9223372036854775807"] {
        let answer = admin
            .put_catalog(version, "application/toml", sim("m"))
            .await;
        assert_eq!(code(&answer), (412, "stale".to_owned()), "{version}");
    }
    let unsaid = admin.put("catalog", &json!({})).await;
    assert_eq!(code(&unsaid), (428, "precondition_required".to_owned()));
    assert_eq!(versions(&gateway).await, 1);
}

#[tokio::test]
async fn hostile_changes_are_refused_and_nothing_changes() {
    let gateway = Setup::new().catalog_text(&sim("m")).start().await;
    let admin = gateway.admin();
    let offers: [(&str, Value, u16); 10] = [
        ("offers/m@s", json!({"input_usd_per_mtok": 0.1}), 400),
        ("offers/m@s", json!({"input_usd_per_mtok": "-1"}), 422),
        ("offers/m@s", json!({"input_usd_per_mtok": "NaN"}), 400),
        (
            "offers/m@s",
            json!({"output_usd_per_mtok": "0.0000000001"}),
            422,
        ),
        ("offers/m@s", json!({"max_output_tokens": 0}), 422),
        ("offers/m@s", json!({"context_tokens": u64::MAX}), 422),
        ("offers/m@s", json!({"provider": "s"}), 400),
        ("offers/m@s", json!(["active"]), 400),
        ("offers/m", json!({"active": true}), 404),
        ("offers/m@s/x", json!({"active": true}), 404),
    ];
    let models: [(&str, Value, u16); 4] = [
        ("models/m", json!({"q_empirical": "1.01"}), 422),
        ("models/m", json!({"q_empirical": "-0.1"}), 422),
        ("models/m", json!({"q_prior": null, "slug": "n"}), 400),
        ("models/m@s", json!({"q_prior": "0.5"}), 404),
    ];
    for (path, body, status) in offers.into_iter().chain(models) {
        let answer = admin.patch(path, &body).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text());
    }
    for path in [
        "catalog?version=2",
        "catalog?version=-1",
        "catalog?version=0",
    ] {
        assert_eq!(admin.get(path).await.status, 404, "{path}");
    }
    for path in ["catalog?version=x", "catalog?other=1"] {
        assert_eq!(admin.get(path).await.status, 400, "{path}");
    }
    let stranger = gateway.admin().with_token("nobody");
    for path in ["catalog", "openapi.json", "tenants"] {
        assert_eq!(stranger.get(path).await.status, 401);
    }
    let answer = stranger
        .put_catalog("1", "application/toml", sim("n"))
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(versions(&gateway).await, 1);
    assert!(!gateway.log().contains(ADMIN_TOKEN));
}

#[tokio::test]
async fn a_resolver_that_lists_a_model_of_today_is_not_activated() {
    let gateway = Setup::new().catalog_text(&sim("m")).start().await;
    let (admin, founder) = (gateway.admin(), Founder::new(3));
    founder.enrol(&admin).await;
    // It lists `sim-small`, which is no model yet.
    let resolver = plugins::hostile("takes-vendor-slug");
    let digest = admin.upload_ok(resolver).await;
    let change = admin.propose("alias-resolver", &digest).await;
    let taken = admin
        .put_catalog("1", "application/toml", sim("sim-small"))
        .await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let envelope = founder.envelope(&Founder::statement(&change));
    let answer = admin.post("authorizations", &envelope).await;
    assert_eq!(code(&answer), (422, "catalog_name".to_owned()));

    // The other way round: what a policy routes can't become a model, nor what
    // its predecessor routes, which answers where it faults.
    let freed = admin.put_catalog("2", "application/toml", sim("m")).await;
    assert_eq!(freed.status, 200, "{}", freed.text());
    let change = admin.propose("alias-resolver", &digest).await;
    founder.authorize(&admin, &change).await;
    for name in ["sim-small", "ainfera/auto"] {
        let taken = admin.put_catalog("3", "application/toml", sim(name)).await;
        assert_eq!(code(&taken), (422, "name_taken".to_owned()), "{name}");
    }
    let gateway = gateway.restart().await;
    assert_eq!(versions(&gateway).await, 3, "it starts");
}
