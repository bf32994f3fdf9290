//! What a change would change, for people.

use std::fmt::Write as _;

use super::{plain, replay};
use crate::lifecycle::report::{FloorChange, LeverChange, Meaning, NameChange, Report};

/// What a change would change, for people.
pub fn report(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = write_report(&mut text, report);
    text.truncate(text.trim_end().len());
    text
}

fn write_report(text: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(text, "levers")?;
    if report.levers.is_empty() {
        writeln!(text, "  none changes")?;
    }
    for LeverChange {
        slot,
        lever,
        before,
        after,
    } in &report.levers
    {
        writeln!(
            text,
            "  {:<16} {:<24} {} → {}",
            slot.name(),
            plain(lever),
            or_none(before),
            or_none(after)
        )?;
    }
    let moved: Vec<&FloorChange> = report
        .floors
        .iter()
        .filter(|floor| floor.before != floor.after)
        .collect();
    writeln!(
        text,
        "floors, gate open: {} of {} change",
        moved.len(),
        report.floors.len()
    )?;
    for FloorChange {
        preference,
        base,
        before,
        after,
    } in moved
    {
        writeln!(
            text,
            "  {:<10} base {:<6} {} → {}",
            plain(preference),
            plain(base),
            or_none(before),
            or_none(after)
        )?;
    }
    if !report.names.is_empty() {
        writeln!(text, "names")?;
    }
    for NameChange {
        name,
        before,
        after,
    } in &report.names
    {
        writeln!(
            text,
            "  {:<24} {} → {}",
            plain(name),
            meaning(before.as_ref()),
            meaning(after.as_ref())
        )?;
    }
    report
        .replay
        .iter()
        .try_for_each(|found| replay::write(text, found))
}

fn or_none(value: &Option<String>) -> String {
    value.as_deref().map_or_else(|| "none".to_owned(), plain)
}

fn meaning(meaning: Option<&Meaning>) -> String {
    let Some(Meaning {
        target,
        deprecated,
        sunset,
    }) = meaning
    else {
        return "none".to_owned();
    };
    let mut text = plain(target);
    for (what, day) in [("deprecated", deprecated), ("sunset", sunset)] {
        if let Some(day) = day {
            let _ = write!(text, " ({what} {})", plain(day));
        }
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::lifecycle::statement::Base;
    use crate::policy::Slot;
    use crate::policy::set::Digests;
    use crate::store::Digest;

    #[test]
    fn a_report_reads_well() {
        let digests = Digests {
            alias_resolver: Digest::of(b"a"),
            preference_dial: Digest::of(b"b"),
            floor_clamp: Digest::of(b"c"),
        };
        let some = |text: &str| Some(text.to_owned());
        let floor = |before, after| FloorChange {
            preference: "quality".into(),
            base: "0.50".into(),
            before,
            after,
        };
        let changed = Report {
            base: Base {
                digests,
                generation: 1,
            },
            result: digests,
            levers: vec![LeverChange {
                slot: Slot::PreferenceDial,
                lever: "quality".into(),
                before: some("0.10"),
                after: some("0.20"),
            }],
            floors: vec![
                floor(some("0.60"), some("0.70")),
                floor(some("0.85"), some("0.85")),
            ],
            names: vec![NameChange {
                name: "old\u{1b}[2J".into(),
                before: None,
                after: Some(Meaning {
                    target: "new".into(),
                    deprecated: None,
                    sunset: some("2027-01-01"),
                }),
            }],
            replay: None,
        };
        insta::assert_snapshot!(report(&changed), @r"
        levers
          preference-dial  quality                  0.10 → 0.20
        floors, gate open: 1 of 2 change
          quality    base 0.50   0.60 → 0.70
        names
          old�[2J                  none → new (sunset 2027-01-01)
        ");
    }
}
