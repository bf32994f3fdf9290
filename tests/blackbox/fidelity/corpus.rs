//! The bodies of `tests/corpus/requests`, as no serializer would write them.
//! `MODEL` stands for the model.

use std::path::Path;

use ainfera_tests::client::Dialect;

/// A request of the corpus.
pub struct Case {
    pub name: String,
    text: String,
}

/// All requests of a dialect.
pub fn requests(dialect: Dialect) -> Vec<Case> {
    let folder = match dialect {
        Dialect::Anthropic => "anthropic",
        Dialect::OpenAi | Dialect::Native => "openai",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus/requests")
        .join(folder);
    let files = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut cases: Vec<Case> = files
        .map(|file| {
            let path = file.expect("a file").path();
            Case {
                name: format!("{folder}/{}", path.file_name().expect("a name").display()),
                text: std::fs::read_to_string(&path).expect("a body in UTF-8"),
            }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(cases.len() >= 9, "the corpus of {folder} is not there");
    cases
}

impl Case {
    /// The body, for a model of this name.
    pub fn of(&self, model: &str) -> String {
        assert_eq!(self.text.matches("\"MODEL\"").count(), 1, "{}", self.name);
        self.text.replace("\"MODEL\"", &format!("{model:?}"))
    }

    /// Whether it asks for a stream.
    pub fn streams(&self) -> bool {
        let body: serde_json::Value = serde_json::from_str(&self.text).expect("JSON");
        body["stream"] == true
    }
}

/// The one span in which two texts differ: what it is in the first, and in the
/// second.
pub fn difference<'a>(first: &'a str, second: &'a str) -> (&'a str, &'a str) {
    let (a, b) = (first.as_bytes(), second.as_bytes());
    let before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[before..], &b[before..]);
    let both = rest_a.iter().rev().zip(rest_b.iter().rev());
    let after = both.take_while(|(a, b)| a == b).count();
    (
        &first[before..first.len() - after],
        &second[before..second.len() - after],
    )
}
