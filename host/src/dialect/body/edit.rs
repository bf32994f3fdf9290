//! An edited copy of a JSON object.

use std::ops::Range;

use super::{Member, TopLevel};

/// Edits to a [`TopLevel`], applied by [`Edit::finish`]. A key that occurs
/// several times is edited everywhere, one that does not occur nowhere.
#[derive(Debug)]
#[must_use]
pub struct Edit<'t, 'a> {
    top: &'t TopLevel<'a>,
    /// For each key its new value, or none to take it out.
    changes: Vec<(String, Option<String>)>,
}

impl<'t, 'a> Edit<'t, 'a> {
    pub(super) fn new(top: &'t TopLevel<'a>) -> Self {
        Self {
            top,
            changes: Vec::new(),
        }
    }

    /// Gives `key` the value `raw_json`, which has to be valid JSON.
    pub fn replace(mut self, key: &str, raw_json: &str) -> Self {
        self.changes
            .push((key.to_owned(), Some(raw_json.to_owned())));
        self
    }

    /// Takes `key` out, with the comma that it needed.
    pub fn remove(mut self, key: &str) -> Self {
        self.changes.push((key.to_owned(), None));
        self
    }

    /// The edited copy: every byte outside the edited members as it was.
    pub fn finish(self) -> Vec<u8> {
        let body = self.top.body;
        let grown: usize = self
            .changes
            .iter()
            .flat_map(|(_, new)| new)
            .map(String::len)
            .sum();
        let mut copy = Copy {
            body,
            at: 0,
            out: Vec::with_capacity(body.len() + grown),
        };
        let mut kept_one = false;
        // Where the members that are being taken out begin.
        let mut cut: Option<usize> = None;
        let mut previous_end = self.opening_end();
        for member in &self.top.members {
            let value = member.span(body);
            match self.change(member) {
                Some(None) => {
                    cut.get_or_insert(previous_end);
                }
                change => {
                    if let Some(start) = cut.take() {
                        copy.put(start..previous_end, "");
                        // The comma in front of the cut went with it, unless
                        // there was none.
                        if !kept_one {
                            copy.skip_comma();
                        }
                    }
                    if let Some(Some(new)) = change {
                        copy.put(value.clone(), new);
                    }
                    kept_one = true;
                }
            }
            previous_end = value.end;
        }
        if let Some(start) = cut {
            copy.put(start..previous_end, "");
        }
        copy.finish()
    }

    fn change(&self, member: &Member<'_>) -> Option<Option<&str>> {
        let found = self.changes.iter().rfind(|(key, _)| *key == member.key)?;
        Some(found.1.as_deref())
    }

    /// The place behind the opening brace.
    fn opening_end(&self) -> usize {
        self.top.body.find('{').map_or(0, |brace| brace + 1)
    }
}

/// Copies a text but for some spans, which come in order.
struct Copy<'a> {
    body: &'a str,
    /// Everything before is dealt with.
    at: usize,
    out: Vec<u8>,
}

impl Copy<'_> {
    /// Writes `new` in place of `span`.
    fn put(&mut self, span: Range<usize>, new: &str) {
        let before = self.body.get(self.at..span.start).unwrap_or_default();
        self.out.extend_from_slice(before.as_bytes());
        self.out.extend_from_slice(new.as_bytes());
        self.at = span.end;
    }

    /// Leaves out everything up to and with the next comma.
    fn skip_comma(&mut self) {
        let rest = self.body.get(self.at..).unwrap_or_default();
        self.at += rest.find(',').map_or(0, |comma| comma + 1);
    }

    fn finish(mut self) -> Vec<u8> {
        let rest = self.body.get(self.at..).unwrap_or_default();
        self.out.extend_from_slice(rest.as_bytes());
        self.out
    }
}
