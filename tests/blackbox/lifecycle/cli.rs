//! The same by the command line.

use ainfera_tests::gateway::{Catalog, Setup};
use ainfera_tests::sign::Founder;

use super::{floor, quality, steep};

#[tokio::test]
async fn the_command_line_does_it_all() {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    let gateway = Setup::new().live().catalog(&catalog).start().await;
    gateway.cli_ok(&["keygen", "--out", "founder.pem"]).await;
    let key = gateway.scratch().join("founder.pem");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&key.metadata().expect("the key").permissions());
    assert_eq!(mode & 0o077, 0, "a private key is nobody else's to read");
    Founder::read(&key).enrol(&gateway.admin()).await;

    std::fs::write(gateway.scratch().join("steep.wasm"), steep()).expect("to write");
    let pushed = gateway.cli_ok(&["plugin", "push", "steep.wasm"]).await;
    let change = pushed
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .find(|word| word.starts_with("chg_"))
        .unwrap_or_else(|| panic!("no change id in {pushed}"));
    gateway
        .cli_ok(&[
            "plugin",
            "authorize",
            change,
            "--key",
            "founder.pem",
            "--yes",
        ])
        .await;
    assert_eq!(quality(&gateway).await, floor("0.70", 2));
    let status = gateway.cli_ok(&["plugin", "status"]).await;
    assert!(status.contains('2') && status.contains("0.20"), "{status}");
    gateway.cli_ok(&["plugin", "rollback", "--to", "1"]).await;
    assert_eq!(quality(&gateway).await, floor("0.60", 3));

    for bad in [
        &[
            "plugin",
            "authorize",
            "chg_0000000000000001",
            "--key",
            "founder.pem",
            "--yes",
        ][..],
        &["plugin", "push", "ainfera.toml"],
        &["plugin", "push", "missing.wasm"],
        &["plugin", "rollback", "--to", "77"],
        &["keygen", "--out", "founder.pem"],
    ] {
        let output = gateway.cli(bad).await;
        assert!(!output.status.success(), "{bad:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !said.trim().is_empty() && !said.contains("panicked"),
            "{bad:?}: {said}"
        );
    }
}
