//! The table of cases: TOML, a `[[case]]` each, with one question and its
//! answer.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Deserialize as _;
use serde_json::{Map, Value};
use toml::Table;

use crate::cli::failure::Failure;
use crate::lifecycle::evaluate::Question;

/// A question, and what must come of it.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) question: Question,
    pub(super) answer: Value,
}

/// Why a table cannot be used.
#[derive(Debug, thiserror::Error)]
enum CasesError {
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    #[error("there is no [[case]]; write at least one")]
    None,
    #[error("`{0}` is no [[case]]; a table of cases holds nothing else")]
    Other(String),
    #[error("case {number}{}: {why}", .name.as_ref().map(|name| format!(" ({name:?})")).unwrap_or_default())]
    Case {
        /// Counted from 1.
        number: usize,
        name: Option<String>,
        why: String,
    },
}

/// The cases in the file at `path`.
pub(super) fn read(path: &Path) -> Result<Vec<Case>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    parse(&text).map_err(|error| Failure::unusable(format!("{}: {error}", path.display())))
}

fn parse(text: &str) -> Result<Vec<Case>, CasesError> {
    let mut table: Table = text.parse()?;
    let cases = table.remove("case");
    if let Some(other) = table.keys().next() {
        return Err(CasesError::Other(other.clone()));
    }
    let Some(toml::Value::Array(cases)) = cases else {
        return Err(CasesError::None);
    };
    cases
        .into_iter()
        .enumerate()
        .map(|(index, case)| {
            let name = case
                .get("name")
                .and_then(toml::Value::as_str)
                .map(str::to_owned);
            one(case).map_err(|why| CasesError::Case {
                number: index + 1,
                name,
                why,
            })
        })
        .collect()
}

fn one(case: toml::Value) -> Result<Case, String> {
    let Value::Object(mut case) = json(case)? else {
        return Err("is no table; write [[case]] above it".to_owned());
    };
    let name = match case.remove("name") {
        Some(Value::String(name)) => name,
        _ => {
            return Err("has no `name`; say in a few words what it holds the policy to".to_owned());
        }
    };
    let answer = case.remove("answer").ok_or("has no `answer`")?;
    let question =
        match case.len() {
            1 => Question::deserialize(Value::Object(case)).map_err(|error| error.to_string())?,
            0 => return Err(
                "asks nothing; give it one of `resolve`, `apply`, `clamp`, `listing`, `describe`"
                    .to_owned(),
            ),
            _ => {
                let keys: Vec<&str> = case.keys().map(String::as_str).collect();
                return Err(format!(
                    "has `{}`; beside `name` and `answer` it takes one question",
                    keys.join("`, `")
                ));
            }
        };
    Ok(Case {
        name,
        question,
        answer,
    })
}

/// The same value as answers have it: a day is a text.
fn json(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(day) => Value::String(day.to_string()),
        toml::Value::Array(values) => {
            Value::Array(values.into_iter().map(json).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| Ok((key, json(value)?)))
                .collect::<Result<Map<_, _>, String>>()?,
        ),
        toml::Value::Integer(number) => return Err(inexact(&number)),
        toml::Value::Float(number) => return Err(inexact(&number)),
    })
}

fn inexact(number: &dyn fmt::Display) -> String {
    format!(
        "the number {number} is no exact decimal; write it as a text, \"{number}\", with the digits that you mean"
    )
}

/// Whether `answer` is what was expected: of a table the keys that are
/// expected, of anything else all.
pub(super) fn fits(expected: &Value, answer: &Value) -> bool {
    match (expected, answer) {
        (Value::Object(expected), Value::Object(answer)) => expected
            .iter()
            .all(|(key, value)| answer.get(key).is_some_and(|found| fits(value, found))),
        _ => expected == answer,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_template_is_a_table_of_cases() {
        for table in [
            include_str!("../../../../templates/cases/alias-resolver.toml"),
            include_str!("../../../../templates/cases/preference-dial.toml"),
            include_str!("../../../../templates/cases/floor-clamp.toml"),
        ] {
            assert!(parse(table).unwrap().len() > 3);
        }
    }

    #[test]
    fn a_bad_table_is_told_where_and_why() {
        for (table, why) in [
            ("", "no [[case]]"),
            ("[[case]\n", "TOML parse error at line 1"),
            ("case = 1", "no [[case]]"),
            ("[[cases]]", "`cases` is no [[case]]"),
            ("case = [\"x\"]", "case 1: is no table"),
            ("[[case]]\nanswer = \"1\"", "case 1: has no `name`"),
            ("[[case]]\nname = \"n\"", "case 1 (\"n\"): has no `answer`"),
            ("[[case]]\nname = \"n\"\nanswer = \"1\"", "asks nothing"),
            (
                "[[case]]\nname = \"n\"\nanswer = \"1\"\nlisting = {}\ndescribe = {}",
                "it takes one question",
            ),
            (
                "[[case]]\nname = \"n\"\nanswer = 0.5\nlisting = {}",
                "write it as a text, \"0.5\"",
            ),
            (
                "[[case]]\nname = \"n\"\nanswer = \"1\"\napply = { base = \"0.5\", live = true, prefernce = \"cost\" }",
                "unknown field `prefernce`, expected one of `preference`, `base`, `live`",
            ),
            (
                "[[case]]\nname = \"\\u001b\"\nanswer = \"1\"\nguess = {}",
                "case 1 (\"\\u{1b}\"): unknown variant `guess`",
            ),
        ] {
            let error = parse(table).unwrap_err().to_string();
            assert!(error.contains(why), "{table:?}: {error}");
        }
    }

    #[test]
    fn of_a_table_only_what_is_expected_counts() {
        let answer = json!({"is": "routed", "target": "t", "list": ["a", "b"]});
        assert!(fits(&json!({"is": "routed"}), &answer));
        assert!(fits(&json!({}), &answer));
        assert!(!fits(&json!({"is": "unknown"}), &answer));
        assert!(!fits(&json!({"sunset": "2026-01-01"}), &answer));
        assert!(!fits(&json!({"list": ["a"]}), &answer));
        assert!(!fits(&json!("0.5"), &json!("0.50")));
    }
}
