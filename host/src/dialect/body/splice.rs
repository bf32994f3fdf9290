//! Replacing spans of a text.

use std::ops::Range;

/// Spans of a text and what comes in their place. No two may overlap.
#[derive(Debug, Default)]
pub struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    /// Puts `new` in place of `span`; an empty span is a place between bytes.
    pub fn put(&mut self, span: Range<usize>, new: impl Into<String>) {
        self.0.push((span, new.into()));
    }

    /// Adds all of `others`.
    pub fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// A copy of `text`, which the spans lie in: every byte outside them as it
    /// was.
    pub(super) fn apply(mut self, text: &str) -> Vec<u8> {
        // What is put in one place keeps its order.
        self.0.sort_by_key(|(span, _)| (span.start, span.end));
        let grown: usize = self.0.iter().map(|(_, new)| new.len()).sum();
        let mut out = Vec::with_capacity(text.len() + grown);
        let mut at = 0;
        for (span, new) in &self.0 {
            let before = text.get(at..span.start).unwrap_or_default();
            out.extend_from_slice(before.as_bytes());
            out.extend_from_slice(new.as_bytes());
            at = span.end;
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default().as_bytes());
        out
    }
}

/// Takes members out of an object or elements out of an array, each with the
/// comma that it needed.
pub struct Cuts<'b> {
    body: &'b str,
    splices: Splices,
    /// Where the last item ends; before the first, the place behind the
    /// opening bracket.
    end: usize,
    /// Where the items that are being taken out begin.
    cut: Option<usize>,
    /// Where the last item that stays ends.
    kept: Option<usize>,
}

impl<'b> Cuts<'b> {
    /// Begins with the object or array in `body` whose opening bracket ends at
    /// `opening`.
    pub fn new(body: &'b str, opening: usize) -> Self {
        Self {
            body,
            splices: Splices::default(),
            end: opening,
            cut: None,
            kept: None,
        }
    }

    /// Keeps the next item, which ends at `end`.
    pub fn keep(&mut self, end: usize) {
        if let Some(start) = self.cut.take() {
            // The comma in front of the cut goes with it. Where there is none,
            // the one behind it does.
            let behind = match self.kept {
                Some(_) => self.end,
                None => self.behind_comma(),
            };
            self.splices.put(start..behind, "");
        }
        self.kept = Some(end);
        self.end = end;
    }

    /// Takes out the next item, which ends at `end`.
    pub fn cut(&mut self, end: usize) {
        self.cut.get_or_insert(self.end);
        self.end = end;
    }

    /// Whether no item has stayed so far.
    pub fn is_empty(&self) -> bool {
        self.kept.is_none()
    }

    /// Where the last item ends, or the opening bracket.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// The edits, after the last item; `added` is an item to come behind it.
    pub(super) fn finish_with(mut self, added: Option<&str>) -> Splices {
        if let Some(added) = added {
            let comma = if self.is_empty() { "" } else { "," };
            let place = self.kept.or(self.cut).unwrap_or(self.end);
            self.splices.put(place..place, format!("{comma}{added}"));
        }
        if let Some(start) = self.cut {
            self.splices.put(start..self.end, "");
        }
        self.splices
    }

    /// The edits, after the last item.
    pub fn finish(self) -> Splices {
        self.finish_with(None)
    }

    /// The place behind the comma that follows the last item.
    fn behind_comma(&self) -> usize {
        let rest = self.body.get(self.end..).unwrap_or_default();
        self.end + rest.find(',').map_or(0, |comma| comma + 1)
    }
}
