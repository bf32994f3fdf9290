//! What a record says, and what comes of deciding it again.

use std::fmt;

use serde::Serialize;

/// A field of a record that does not come out again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `req_…`.
    pub request_id: String,
    /// The field, as in the export.
    pub field: &'static str,
    /// What the record says; null where it says nothing.
    pub recorded: Option<String>,
    /// What comes of deciding again; null where that is nothing.
    pub decided: Option<String>,
    /// More, where the two do not say it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_nothing = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".into());
        write!(
            f,
            "{} {}: recorded {}, decided {}",
            self.request_id,
            self.field,
            or_nothing(&self.recorded),
            or_nothing(&self.decided)
        )?;
        self.note.iter().try_for_each(|note| write!(f, " ({note})"))
    }
}

/// The differences of one record.
pub(super) struct Findings<'a> {
    request_id: &'a str,
    pub(super) found: Vec<Difference>,
}

impl<'a> Findings<'a> {
    pub(super) fn of(request_id: &'a str) -> Self {
        Self {
            request_id,
            found: Vec::new(),
        }
    }

    /// Holds what the record says against what was decided.
    pub(super) fn compare(
        &mut self,
        field: &'static str,
        recorded: Option<&str>,
        decided: Option<&str>,
    ) {
        if recorded != decided {
            self.differs(field, recorded, decided, None);
        }
    }

    /// Nothing could be decided to hold the record against, and why.
    pub(super) fn cannot(
        &mut self,
        field: &'static str,
        recorded: Option<&str>,
        why: impl fmt::Display,
    ) {
        self.differs(field, recorded, None, Some(why.to_string()));
    }

    pub(super) fn differs(
        &mut self,
        field: &'static str,
        recorded: Option<&str>,
        decided: Option<&str>,
        note: Option<String>,
    ) {
        self.found.push(Difference {
            request_id: self.request_id.to_owned(),
            field,
            recorded: recorded.map(str::to_owned),
            decided: decided.map(str::to_owned),
            note,
        });
    }
}
