//! What cannot be done says why, and what to do: exit code 2 where it could not
//! be tried, 1 where it was and is no good.

use ainfera_tests::gateway::binary;
use tempfile::TempDir;

use super::Project;
use super::project::said;
use super::toolchains::environment;

/// `ainfera plugin …` in `folder` with only `path` on the PATH.
fn plugin(folder: &std::path::Path, args: &[&str], path: &str) -> (Option<i32>, String) {
    let output = std::process::Command::new(binary())
        .arg("plugin")
        .args(args)
        .env_clear()
        .envs(environment())
        .env("PATH", path)
        .current_dir(folder)
        .output()
        .expect("the binary");
    let said = said(&output);
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code(), said)
}

#[test]
fn a_project_is_never_made_over_something_or_under_a_bad_name() {
    let folder = TempDir::new().expect("a folder");
    let new = |name: &str, rest: &[&str]| {
        let args = [&["new", name], rest].concat();
        plugin(folder.path(), &args, "")
    };
    let dial = ["--slot", "preference-dial"];
    std::fs::write(folder.path().join("taken"), "mine").expect("to write");
    let (code, said) = new("taken", &dial);
    assert_eq!(code, Some(1));
    assert!(said.contains("nothing is overwritten"), "{said}");
    assert_eq!(
        std::fs::read(folder.path().join("taken")).expect("it"),
        b"mine"
    );
    for (name, rest, words) in [
        ("../up", &dial[..], "lowercase letters"),
        ("My-Dial", &dial, "lowercase letters"),
        ("\u{1b}[31m", &dial, "lowercase letters"),
        ("core", &dial, "another meaning"),
        ("good", &["--slot", "dial"], "the slots are alias-resolver"),
        (
            "good",
            &["--slot", "floor-clamp", "--lang", "cobol"],
            "rust, js, python",
        ),
        ("good", &[], "--slot"),
    ] {
        let (code, said) = new(name, rest);
        assert_eq!(code, Some(2), "{name}: {said}");
        assert!(said.contains(words), "{name}: no {words} in {said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
    let left = std::fs::read_dir(folder.path()).expect("it").count();
    assert_eq!(left, 1, "nothing was made");
}

#[test]
fn without_a_project_or_a_component_the_way_to_one_is_named() {
    let folder = TempDir::new().expect("a folder");
    for (command, words) in [
        ("build", "ainfera plugin new"),
        ("inspect", "ainfera plugin build"),
        ("check", "ainfera plugin build"),
        ("test", "ainfera plugin build"),
        ("bench", "ainfera plugin build"),
    ] {
        let (code, said) = plugin(folder.path(), &[command], "");
        assert_eq!(code, Some(2), "{command}: {said}");
        assert!(said.contains(words), "{command}: no {words} in {said}");
    }
    let dist = folder.path().join("dist");
    std::fs::create_dir(&dist).expect("a folder");
    for name in ["a.wasm", "b.wasm"] {
        std::fs::write(dist.join(name), "").expect("to write");
    }
    let (code, said) = plugin(folder.path(), &["check"], "");
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("name one of") && said.contains("a.wasm"),
        "{said}"
    );
    let (code, said) = plugin(folder.path(), &["check", "dist/a.wasm"], "");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("not WebAssembly"), "{said}");
}

#[tokio::test]
async fn a_missing_toolchain_is_named_with_the_command_that_gets_it() {
    let nothing = TempDir::new().expect("a folder");
    let nothing = nothing.path().to_str().expect("UTF-8");
    let path = std::env::var("PATH").expect("a PATH");
    for (lang, path, words) in [
        ("rust", nothing, "install Rust"),
        ("js", nothing, "install Node.js"),
        ("js", &path, "run `npm install` in "),
        ("python", nothing, "python3 -m venv .venv"),
    ] {
        let project = Project::new("preference-dial", lang).await;
        let (code, said) = plugin(&project.folder(), &["build"], path);
        assert_eq!(code, Some(2), "{lang}: {said}");
        assert!(said.contains(words), "{lang}: no {words} in {said}");
        assert!(!project.component().exists());
    }
}

#[tokio::test]
async fn sources_that_do_not_build_are_refused_and_leave_nothing() {
    let project = Project::new("preference-dial", "rust").await;
    project.edit("src/lib.rs", "decimal!(0.10)", "decimal!(1.10)");
    let output = project.plugin(&["build"]).await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("`quality` adds 0 to 1"), "{said}");
    assert!(!project.component().exists());

    let scripted = Project::new("preference-dial", "js").await;
    for (text, words) in [
        (
            "name = \"../up\"\nslot = \"floor-clamp\"\nlanguage = \"python\"",
            "`name` must be",
        ),
        (
            "name = \"a\"\nslot = \"clamp\"\nlanguage = \"python\"",
            "unknown variant `clamp`",
        ),
        (
            "name = \"a\"\nslot = \"floor-clamp\"\nlanguage = \"perl\"",
            "unknown variant `perl`",
        ),
        ("name = ", "TOML parse error"),
    ] {
        scripted.write("policy.toml", text);
        let output = scripted.plugin(&["build"]).await;
        let said = super::project::said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("policy.toml") && said.contains(words),
            "{said}"
        );
    }
}

/// The law, the input and the mend.
#[tokio::test]
async fn a_policy_that_breaks_a_law_is_told_which_and_how() {
    let project = Project::new("preference-dial", "rust").await;
    project.edit(
        "src/lib.rs",
        "LEVERS.apply(preference.as_deref(), base, live)",
        "{ let _ = live; LEVERS.apply(preference.as_deref(), base, true) }",
    );
    project.build().await;
    let output = project.plugin(&["check"]).await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in [
        "untouched-base",
        "gate closed",
        "must be the base, scale included",
    ] {
        assert!(said.contains(word), "no {word} in {said}");
    }
}
