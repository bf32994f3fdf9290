//! An edited copy of a JSON object.

use std::ops::Range;

use super::TopLevel;
use super::splice::{Cuts, Splices};

/// Edits to a [`TopLevel`], applied by [`Edit::finish`]. A key that occurs
/// several times is edited everywhere, one that does not occur nowhere.
#[derive(Debug)]
#[must_use]
pub struct Edit<'t, 'a> {
    top: &'t TopLevel<'a>,
    changes: Vec<(&'t str, Change)>,
    added: Vec<String>,
    inner: Splices,
}

#[derive(Debug)]
enum Change {
    Remove,
    Replace(String),
    Rename(String),
}

impl<'t, 'a> Edit<'t, 'a> {
    pub(super) fn new(top: &'t TopLevel<'a>) -> Self {
        Self {
            top,
            changes: Vec::new(),
            added: Vec::new(),
            inner: Splices::default(),
        }
    }

    /// Gives `key` the value `raw_json`, which has to be valid JSON.
    pub fn replace(self, key: &'t str, raw_json: impl Into<String>) -> Self {
        self.change(key, Change::Replace(raw_json.into()))
    }

    /// Takes `key` out, with the comma that it needed.
    pub fn remove(self, key: &'t str) -> Self {
        self.change(key, Change::Remove)
    }

    /// Calls `key` by another name, which needs no escapes.
    pub fn rename(self, key: &'t str, new: &str) -> Self {
        self.change(key, Change::Rename(format!("\"{new}\"")))
    }

    /// Adds a member behind the last one. `key` needs no escapes; `raw_json`
    /// has to be valid JSON.
    pub fn add(mut self, key: &str, raw_json: &str) -> Self {
        self.added.push(format!("\"{key}\":{raw_json}"));
        self
    }

    /// Edits inside of values, by spans of the body. None of these values may
    /// be edited otherwise.
    pub fn inside(mut self, splices: Splices) -> Self {
        self.inner.append(splices);
        self
    }

    /// The edited copy: every byte outside the edits as it was.
    pub fn finish(self) -> Vec<u8> {
        let body = self.top.body;
        let mut splices = self.inner;
        let mut cuts = Cuts::new(body, self.top.opening());
        for member in &self.top.members {
            let value = member.span(body);
            let change = self.changes.iter().rfind(|(key, _)| *key == member.key);
            match change.map(|(_, change)| change) {
                Some(Change::Remove) => {
                    cuts.cut(value.end);
                    continue;
                }
                Some(Change::Replace(new)) => splices.put(value.clone(), new),
                Some(Change::Rename(new)) => {
                    splices.put(key_span(body, cuts.end(), value.start), new);
                }
                None => {}
            }
            cuts.keep(value.end);
        }
        let added = (!self.added.is_empty()).then(|| self.added.join(","));
        splices.append(cuts.finish_with(added.as_deref()));
        splices.apply(body)
    }

    fn change(mut self, key: &'t str, change: Change) -> Self {
        self.changes.push((key, change));
        self
    }
}

/// Where the key lies whose value begins at `value`, after the member that
/// ends at `previous`. Between are only the key, white space, comma and colon.
fn key_span(body: &str, previous: usize, value: usize) -> Range<usize> {
    let between = body.get(previous..value).unwrap_or_default();
    let start = between.find('"').unwrap_or_default();
    let end = between.rfind('"').map_or(start, |quote| quote + 1);
    previous + start..previous + end
}
