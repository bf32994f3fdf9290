//! `plugin diff`: how two components answer differently.

use ainfera_tests::plugins;
use serde_json::json;

use super::Project;
use super::project::said;

#[tokio::test]
async fn a_diff_shows_levers_and_every_input_that_differs() {
    let project = Project::new("preference-dial", "rust").await;
    let path = |name: &str| plugins::path(name).to_str().expect("UTF-8").to_owned();
    let (dial, steep) = (path("preference-dial"), path("preference-dial-steep"));
    let diff = project.json(&["diff", &dial, &steep]).await;
    assert_eq!(
        diff["levers"][1],
        json!({"slot": "preference-dial", "lever": "quality", "before": "0.10", "after": "0.20"})
    );
    // `quality` and `cost`, gate open, on each of the 61 bases.
    assert_eq!(diff["different"], 122, "{diff}");
    assert_eq!(diff["examples"].as_array().map(Vec::len), Some(20));
    for example in diff["examples"].as_array().expect("a list") {
        assert_eq!(example["question"]["apply"]["live"], true);
        assert_ne!(example["a"]["answer"], example["b"]["answer"]);
    }
    let shown = project.plugin_ok(&["diff", &dial, &steep]).await;
    for line in [
        "  quality                  0.10 → 0.20",
        "answers: 122 of 2318 differ",
        "  preference \"quality\", base 0.05, gate open  \"0.15\" → \"0.25\"",
        "  and 102 more",
    ] {
        assert!(shown.contains(line), "no {line:?} in {shown}");
    }
    let same = project.plugin_ok(&["diff", &dial, &dial]).await;
    assert!(same.contains("none differs") && same.contains("answers: 0 of 2318 differ"));

    let clamp = path("floor-clamp");
    let output = project.plugin(&["diff", &dial, &clamp]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("compare components of one slot"));
}

/// A component that answers only some inputs is compared all the same.
#[tokio::test]
async fn a_fault_is_a_difference() {
    let project = Project::new("preference-dial", "rust").await;
    let faulty = project.folder().join("faulty.wasm");
    std::fs::write(&faulty, plugins::hostile("traps")).expect("to write");
    let dial = plugins::path("preference-dial");
    let diff = project
        .json(&["diff", dial.to_str().expect("UTF-8"), "faulty.wasm"])
        .await;
    let example = &diff["examples"][0];
    let fault = example["b"]["fault"].as_str().expect("a fault");
    assert!(fault.contains("trapped"), "{example}");
}
