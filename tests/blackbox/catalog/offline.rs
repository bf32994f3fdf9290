//! `ainfera catalog import --offline`: a file becomes the newest version in the
//! database.

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Gateway, Offer, Setup};
use ainfera_tests::upstream::Upstream;

/// Imports `catalog` into the database of `gateway`.
async fn import(gateway: &Gateway, catalog: &str) -> std::process::Output {
    let file = gateway.scratch().join("next.toml");
    std::fs::write(&file, catalog).expect("to write the catalog");
    let file = file.display().to_string();
    let config = gateway.scratch().join("import.toml");
    let data = format!(
        "data_dir = {:?}\n",
        gateway.data_dir().display().to_string()
    );
    std::fs::write(&config, data).expect("to write the configuration");
    let config = config.display().to_string();
    gateway
        .cli(&["catalog", "import", &file, "--offline", "--config", &config])
        .await
}

async fn imported(gateway: &Gateway, catalog: &Catalog) -> String {
    let output = import(gateway, &catalog.text()).await;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{stdout}{output:?}");
    stdout
}

fn events(gateway: &Gateway, event: &str) -> i64 {
    let count = format!("SELECT count(*) FROM audit_events WHERE event = '{event}'");
    gateway.records().number(&count)
}

#[tokio::test]
async fn an_import_is_the_next_version_at_the_next_start_and_audited() {
    let upstream = Upstream::start();
    let one = || {
        Catalog::new()
            .anthropic("a", &upstream.url())
            .single("one", "a", "0.60", "1")
    };
    let gateway = Setup::new().catalog(&one()).start().await;
    let said = imported(&gateway, &one()).await;
    assert!(
        said.contains("nothing imported") && said.contains("version 1"),
        "{said}"
    );

    let two = one()
        .model("two", "0.60")
        .offer(Offer::new("two", "a", "up-two"))
        .model("three", "0.60")
        .offer(Offer::new("three", "a", "up-three").dark());
    let said = imported(&gateway, &two).await;
    assert!(said.contains("version 1 → 2"), "{said}");
    assert!(said.contains("activated two@a"), "{said}");
    assert!(
        !said.contains("one@a") && !said.contains("three@a"),
        "{said}"
    );
    assert_eq!(events(&gateway, "catalog.imported"), 2);
    assert_eq!(events(&gateway, "offer.activated"), 1);

    // The running gateway is another process, which looks at a server but not
    // at a file.
    let client = gateway.client();
    if !gateway.database().is_postgres() {
        assert_eq!(client.messages(&ask("two", "hi")).await.status, 404);
    }
    let gateway = gateway.restart().await;
    let client = gateway.client();
    let (answer, _) = client.messages_ok(&ask("two", "hi")).await;
    assert_eq!(answer.header("x-ainfera-model"), Some("two@a"));
    assert_eq!(
        client.messages(&ask("three", "hi")).await.status,
        404,
        "dark"
    );
    let (routed, _) = client.messages_ok(&ask("ainfera-inference", "hi")).await;
    let row = gateway.records().outcome(&routed.request_id());
    assert_eq!(row["catalog_version"], 2);
}

#[tokio::test]
async fn what_cannot_be_taken_changes_nothing_and_is_named() {
    let gateway = Setup::new().start().await;
    let sim = |model: &str| {
        Catalog::new()
            .simulated("simulated")
            .single(model, "simulated", "0.60", "1")
            .text()
    };
    let bad_url = Catalog::new()
        .anthropic("a", "http://[")
        .single("m", "a", "0.60", "1");
    for (catalog, names) in [
        (sim("ainfera-inference"), "`ainfera-inference`"),
        (sim("ainfera/auto"), "`ainfera/auto`"),
        (sim("m").replace("q_prior", "quality"), "quality"),
        (sim("m").replace("0.60", "1.60"), "`m`"),
        (bad_url.text(), "`a`"),
    ] {
        let output = import(&gateway, &catalog).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(names), "{said}");
        assert!(said.starts_with("error: "), "{said}");
    }
    let output = gateway.cli(&["catalog", "import", "nowhere.toml"]).await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.toml"));
    let versions = "SELECT count(*) FROM catalog_versions";
    assert_eq!(gateway.records().number(versions), 1);
    assert_eq!(events(&gateway, "catalog.imported"), 1);
}
