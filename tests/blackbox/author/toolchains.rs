//! The toolchains that build policies, without the network: `tests/run` keeps
//! their packages in `target/guests`.

use std::path::PathBuf;

use ainfera_tests::gateway::target_profile;

/// A folder of `target/guests`.
pub fn guests(folder: &str) -> PathBuf {
    let target = target_profile();
    let target = target.parent().expect("the target folder");
    target.join("guests").join(folder)
}

/// What the tools are told by their environment.
pub fn environment() -> Vec<(&'static str, String)> {
    let inherited = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var(name).ok()?)));
    let path = |folder: &str| guests(folder).display().to_string();
    let own = [
        ("CARGO_NET_OFFLINE", "true".to_owned()),
        // Once for all projects: the SDK's dependencies take the longest.
        ("CARGO_TARGET_DIR", path("cargo")),
        ("npm_config_cache", path("npm")),
        ("npm_config_offline", "true".to_owned()),
        ("npm_config_ignore_scripts", "true".to_owned()),
        ("PIP_NO_INDEX", "1".to_owned()),
        ("PIP_FIND_LINKS", path("wheels")),
        ("PIP_DISABLE_PIP_VERSION_CHECK", "1".to_owned()),
    ];
    inherited.chain(own).collect()
}
