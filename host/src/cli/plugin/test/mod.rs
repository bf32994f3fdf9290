//! `ainfera plugin test`: a policy against its author's table of cases.

mod cases;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::found;
use crate::cli::failure::Failure;
use crate::cli::show::{self, plain, say};
use crate::lifecycle::evaluate::{Question, evaluate};
use crate::policy::Component;
use cases::Case;

/// The table beside a project's sources.
const CASES: &str = "cases.toml";

#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// The component, or the folder of its project
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// The table of cases [default: cases.toml of the project or beside the file]
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// Print JSON: every case with its answer
    #[arg(long)]
    json: bool,
}

/// What came of a case.
#[derive(Serialize)]
struct Outcome {
    name: String,
    question: Question,
    expected: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    passed: bool,
}

#[derive(Serialize)]
struct Outcomes {
    passed: usize,
    failed: usize,
    cases: Vec<Outcome>,
}

pub(super) fn run(args: &TestArgs) -> Result<(), Failure> {
    let file = found::file(&args.path)?;
    let cases = cases::read(&table(args, &file)?)?;
    let engine = found::engine()?;
    let component = found::component(&engine, &file)?;
    let cases: Vec<Outcome> = cases
        .into_iter()
        .map(|case| try_one(&component, case))
        .collect();
    let failed = cases.iter().filter(|case| !case.passed).count();
    let outcomes = Outcomes {
        passed: cases.len() - failed,
        failed,
        cases,
    };
    if args.json {
        show::json(&serde_json::to_value(&outcomes)?)?;
    } else {
        outcomes.cases.iter().for_each(say_one);
    }
    let all = outcomes.cases.len();
    if failed > 0 {
        return Err(Failure::refused(format!("{failed} of {all} cases failed")));
    }
    if !args.json {
        say!("{all} cases passed");
    }
    Ok(())
}

/// Where the cases are: as said, beside the component, or in its project.
fn table(args: &TestArgs, component: &Path) -> Result<PathBuf, Failure> {
    if let Some(cases) = &args.cases {
        return Ok(cases.clone());
    }
    let folder = component.parent().unwrap_or(Path::new(""));
    let places = [folder.join(CASES), folder.join("..").join(CASES)];
    places
        .into_iter()
        .find(|place| place.is_file())
        .ok_or_else(|| {
            Failure::unusable(format!(
                "no {CASES} beside {} or in the folder above; write one, or name it with --cases",
                component.display()
            ))
        })
}

fn try_one(component: &Component, case: Case) -> Outcome {
    let answered = evaluate(component, &case.question)
        .map_err(|error| error.to_string())
        .and_then(|answered| serde_json::to_value(answered.answer).map_err(|e| e.to_string()));
    let (answer, fault) = match answered {
        Ok(answer) => (Some(answer), None),
        Err(fault) => (None, Some(fault)),
    };
    Outcome {
        passed: answer
            .as_ref()
            .is_some_and(|answer| cases::fits(&case.answer, answer)),
        name: case.name,
        question: case.question,
        expected: case.answer,
        answer,
        fault,
    }
}

fn say_one(outcome: &Outcome) {
    let name = plain(&outcome.name);
    if outcome.passed {
        say!("ok    {name}");
        return;
    }
    say!("FAIL  {name}");
    say!("      asked     {}", outcome.question);
    say!("      expected  {}", plain(&outcome.expected.to_string()));
    if let Some(answer) = &outcome.answer {
        say!("      answered  {}", plain(&answer.to_string()));
    }
    if let Some(fault) = &outcome.fault {
        say!("      failed    {}", plain(fault));
    }
}
