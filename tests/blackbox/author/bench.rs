//! `plugin bench`: what evaluations take.

use ainfera_tests::plugins;

use super::Project;
use super::project::said;

#[tokio::test]
async fn a_bench_measures_time_fuel_and_memory_over_the_grid() {
    let project = Project::new("preference-dial", "rust").await;
    let dial = plugins::path("preference-dial");
    let dial = dial.to_str().expect("UTF-8");
    let bench = project.json(&["bench", dial]).await;
    assert_eq!(bench["slot"], "preference-dial");
    assert!(bench["evaluations"].as_u64() >= Some(2_000), "{bench}");
    for what in ["time_ns", "fuel", "memory"] {
        let number = |rank: &str| bench[what][rank].as_u64().expect("a number");
        assert!(
            0 < number("p50") && number("p50") <= number("p99"),
            "{bench}"
        );
        assert!(number("p99") <= number("max"), "{bench}");
    }
    // Fuel and memory are the same every time.
    let again = project.json(&["bench", dial]).await;
    for what in ["evaluations", "fuel", "memory", "digest"] {
        assert_eq!(bench[what], again[what], "{what}");
    }
    let shown = project.plugin_ok(&["bench", dial]).await;
    for word in ["p50", "p99", "max", "time, µs", "fuel", "memory, bytes"] {
        assert!(shown.contains(word), "no {word} in {shown}");
    }
}

#[tokio::test]
async fn a_bench_of_a_component_that_faults_names_the_input() {
    let project = Project::new("preference-dial", "rust").await;
    std::fs::write(
        project.folder().join("loops.wasm"),
        plugins::hostile("endless-loop"),
    )
    .expect("to write");
    let output = project.plugin(&["bench", "loops.wasm"]).await;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("preference ") && said.contains("used up its fuel"),
        "{said}"
    );
}
