//! `ainfera catalog` through the running gateway.

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Gateway, Offer, Setup};

async fn gateway() -> Gateway {
    let catalog = Catalog::new()
        .simulated("s")
        .single("day", "s", "0.60", "2")
        .model("org/night", "0.60")
        .offer(Offer::new("org/night", "s", "up").dark());
    Setup::new().catalog(&catalog).start().await
}

async fn chosen(gateway: &Gateway) -> String {
    let body = ask("ainfera-inference", "hi");
    let (answer, _) = gateway.client().messages_ok(&body).await;
    answer
        .header("x-ainfera-model")
        .expect("an offer")
        .to_owned()
}

#[tokio::test]
async fn an_offer_is_lit_and_darkened() {
    let gateway = gateway().await;
    let shown = gateway.cli_ok(&["catalog", "show"]).await;
    assert!(
        shown.contains("version 1") && shown.contains("dark    org/night@s"),
        "{shown}"
    );
    let said = gateway
        .cli_ok(&["catalog", "activate", "org/night@s"])
        .await;
    assert_eq!(
        said,
        "catalog version 2 is in force\nactivated org/night@s\n"
    );
    assert_eq!(chosen(&gateway).await, "org/night@s");
    let shown = gateway.cli_ok(&["catalog", "show"]).await;
    assert!(shown.contains("active  org/night@s"), "{shown}");
    let said = gateway.cli_ok(&["catalog", "darken", "org/night@s"]).await;
    assert_eq!(
        said,
        "catalog version 3 is in force\ndarkened org/night@s\n"
    );
    assert_eq!(chosen(&gateway).await, "day@s");
    let said = gateway.cli_ok(&["catalog", "darken", "org/night@s"]).await;
    assert_eq!(said, "nothing changed: version 3 says that already\n");
    let old = gateway.cli_ok(&["catalog", "show", "--version", "2"]).await;
    assert!(old.contains("calls are decided by version 3"), "{old}");
}

#[tokio::test]
async fn what_is_shown_can_be_changed_and_imported() {
    let gateway = gateway().await;
    let file = gateway.cli_ok(&["catalog", "show", "--file"]).await;
    let path = gateway.scratch().join("catalog.json");
    std::fs::write(&path, &file).expect("to write it");
    let path = path.display().to_string();
    let said = gateway.cli_ok(&["catalog", "import", &path]).await;
    assert_eq!(said, "nothing changed: version 1 says that already\n");
    std::fs::write(&path, file.replace("\"active\": false", "\"active\": true")).expect("it");
    let said = gateway.cli_ok(&["catalog", "import", &path]).await;
    assert_eq!(
        said,
        "catalog version 2 is in force\nactivated org/night@s\n"
    );
    assert_eq!(chosen(&gateway).await, "org/night@s");
}

#[tokio::test]
async fn what_is_refused_says_so_with_its_exit_code() {
    let gateway = gateway().await;
    for (args, code, says) in [
        (["catalog", "activate", "nothing@s"], 1, "no such offer"),
        (["catalog", "activate", "day"], 2, "slug@provider"),
        (["catalog", "import", "nowhere.toml"], 2, "nowhere.toml"),
    ] {
        let output = gateway.cli(&args).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(says), "{said}");
    }
}
