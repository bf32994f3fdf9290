//! A new project is good as it stands, in every language and for every slot.

use serde_json::json;

use super::Project;

const SLOTS: [&str; 3] = ["alias-resolver", "preference-dial", "floor-clamp"];

/// Builds it, and holds it to the gateway's laws.
async fn is_verified(slot: &str, lang: &'static str) -> Project {
    let project = Project::new(slot, lang).await;
    project.build().await;
    let report = project.json(&["check"]).await;
    assert_eq!(report["slot"], slot);
    assert_eq!(report["declared"]["name"], "my-policy");
    project
}

#[tokio::test]
async fn a_project_in_rust_is_good_as_it_stands() {
    for slot in SLOTS {
        let project = is_verified(slot, "rust").await;
        let tested = project.json(&["test"]).await;
        assert_eq!(tested["failed"], 0, "{tested}");
        assert!(tested["passed"].as_u64() > Some(3), "{tested}");
        // It is the reference policy until its author changes it.
        let reference = ainfera_tests::plugins::path(slot);
        let reference = reference.to_str().expect("UTF-8");
        let diff = project.json(&["diff", reference, "."]).await;
        assert_eq!(diff["different"], 0, "{slot}: {diff}");
        assert_eq!(diff["levers"], json!([]));
    }
}

/// The dial's is in docs/plugins.md, and tested with it.
#[tokio::test]
async fn a_project_in_javascript_is_good_as_it_stands() {
    for slot in ["alias-resolver", "floor-clamp"] {
        is_verified(slot, "js").await;
    }
}

/// The dial's is in docs/plugins.md, and tested with it.
#[tokio::test]
async fn a_project_in_python_is_good_as_it_stands() {
    for slot in ["alias-resolver", "floor-clamp"] {
        is_verified(slot, "python").await;
    }
}

/// Built in two places, by the same toolchain, of the same sources.
#[tokio::test]
async fn rust_gives_the_same_bytes_wherever_it_is_built() {
    let mut digests = Vec::new();
    for _ in 0..2 {
        let project = Project::new("floor-clamp", "rust").await;
        let built = project.json(&["build"]).await;
        let component = &built["components"][0];
        assert_eq!(component["name"], "my-policy");
        assert!(component["size"].as_u64() < Some(16 << 10), "{component}");
        digests.push(component["digest"].clone());
    }
    assert!(digests[0].is_string());
    assert_eq!(digests[0], digests[1]);
}
