//! `plugin test`: an author's own cases.

use super::Project;
use super::project::said;

#[tokio::test]
async fn a_case_that_fails_shows_what_was_asked_expected_and_answered() {
    let project = Project::new("preference-dial", "rust").await;
    project.edit("src/lib.rs", "decimal!(0.10)", "decimal!(0.15)");
    project.build().await;
    let output = project.plugin(&["test"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let shown = String::from_utf8_lossy(&output.stdout);
    let failed = r#"FAIL  quality asks for more
      asked     preference "quality", base 0.50, gate open
      expected  "0.60"
      answered  "0.65"
ok    cost settles for less
FAIL  the larger scale is kept
"#;
    assert!(shown.starts_with(failed), "{shown}");
    assert!(
        shown.contains(r#"expected  {"levers":{"cost":{"value":"-0.10"}"#),
        "{shown}"
    );
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(why.contains("3 of 7 cases failed"), "{why}");

    // Another table, elsewhere.
    project.write(
        "other.toml",
        "[[case]]\nname = \"mine\"\napply = { preference = \"quality\", base = \"0.50\", live = true }\nanswer = \"0.65\"\n",
    );
    let passed = project
        .plugin_ok(&["test", ".", "--cases", "other.toml"])
        .await;
    assert_eq!(passed, "ok    mine\n1 cases passed\n");
    let json = project.plugin(&["test", "--json"]).await;
    assert_eq!(json.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!((&json["passed"], &json["failed"]), (&4.into(), &3.into()));
    let first = &json["cases"][0];
    assert_eq!(first["question"]["apply"]["base"], "0.50");
    assert_eq!(
        (&first["expected"], &first["answer"]),
        (&"0.60".into(), &"0.65".into())
    );
}

#[tokio::test]
async fn a_bad_table_names_the_case_and_the_mend() {
    let project = Project::new("preference-dial", "rust").await;
    project.build().await;
    let case = |body: &str| format!("[[case]]\nname = \"mine\"\n{body}\n");
    for (table, code, words) in [
        (String::new(), 2, vec!["cases.toml", "no [[case]]"]),
        (
            "\u{1b}[31m".to_owned(),
            2,
            vec!["cases.toml", "TOML parse error"],
        ),
        (
            case("apply = { base = 0.5, live = true }\nanswer = \"0.5\""),
            2,
            vec!["case 1 (\"mine\")", "write it as a text, \"0.5\""],
        ),
        (
            case("apply = { base = \"0.5\", live = true, gate = true }\nanswer = \"0.5\""),
            2,
            vec!["case 1 (\"mine\")", "unknown field `gate`"],
        ),
        // A question to another slot is a case that fails.
        (
            case("listing = {}\nanswer = {}"),
            1,
            vec!["a preference-dial has no `listing`; it has apply, describe"],
        ),
    ] {
        project.write("cases.toml", &table);
        let output = project.plugin(&["test"]).await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{table}: {said}");
        for word in words {
            assert!(said.contains(word), "{table}: no {word} in {said}");
        }
        assert!(
            !said.contains('\u{1b}') && !said.contains("panicked"),
            "{said}"
        );
    }
    std::fs::remove_file(project.folder().join("cases.toml")).expect("to remove");
    let output = project.plugin(&["test"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("name it with --cases"));
}
