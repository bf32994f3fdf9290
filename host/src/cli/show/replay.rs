//! What a replay found, for people.

use std::fmt::{Result, Write};

use super::plain;
use crate::lifecycle::replay::{Breakdown, Chosen, Example, Flow, Replay, Shown, Tally};

/// Flows and agents that are shown; JSON has more.
const SHOWN: usize = 5;

/// What a replay found.
pub fn replay(replay: &Replay) -> String {
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = write(&mut text, replay);
    text.truncate(text.trim_end().len());
    text
}

pub(super) fn write(text: &mut String, replay: &Replay) -> Result {
    let window = &replay.window;
    write!(text, "replay of {} recorded decisions", window.decisions)?;
    if let (Some(first), Some(last)) = (&window.first, &window.last) {
        write!(text, ", {} to {}", plain(first), plain(last))?;
    }
    writeln!(text)?;
    for (count, why) in [
        (replay.undecided, "refused before an offer was looked for"),
        (replay.unreadable, "unreadable"),
    ] {
        if count > 0 {
            writeln!(text, "  left out: {count}, {why}")?;
        }
    }
    breakdown(text, "gates as recorded", &replay.as_recorded)?;
    if replay.gate_open == replay.as_recorded {
        return writeln!(text, "  gate open: the same");
    }
    breakdown(text, "gate open", &replay.gate_open)
}

fn breakdown(text: &mut String, title: &str, found: &Breakdown) -> Result {
    let total = &found.total;
    writeln!(text, "  {title}: {}", tally(total))?;
    if total.changed == 0 {
        return Ok(());
    }
    writeln!(text, "    {}", chosen(&total.before, &total.after))?;
    if total.now_rejected + total.now_accepted > 0 {
        let both = &found.both;
        writeln!(
            text,
            "    with an offer both times: {}",
            chosen(&both.before, &both.after)
        )?;
    }
    for (word, tally) in found
        .preferences
        .iter()
        .filter(|(_, tally)| tally.changed > 0)
    {
        writeln!(
            text,
            "    {:<12} {} of {} change, {}",
            plain(word),
            tally.changed,
            tally.decisions,
            chosen(&tally.before, &tally.after)
        )?;
    }
    let agents = found.agents.iter().filter(|of| of.tally.changed > 0);
    for of in agents.take(SHOWN) {
        writeln!(
            text,
            "    {} {} of {} change",
            plain(&of.agent_id),
            of.tally.changed,
            of.tally.decisions
        )?;
    }
    let moved = found.models.iter().filter(|flow| flow.before != flow.after);
    for Flow {
        target,
        before,
        after,
        decisions,
    } in moved.take(SHOWN)
    {
        writeln!(
            text,
            "    {}: {} → {}, {decisions} times",
            or_none(target),
            or_none(before),
            or_none(after)
        )?;
    }
    Ok(())
}

/// How many decisions change, and how, in a line.
pub fn tally(tally: &Tally) -> String {
    let mut text = format!("{} of {} change", tally.changed, tally.decisions);
    for (count, kind) in [
        (tally.floor_up, "floors up"),
        (tally.floor_down, "floors down"),
        (tally.other_offer, "another offer"),
        (tally.now_rejected, "now rejected"),
        (tally.now_accepted, "now accepted"),
        (tally.other_name, "names mean something else"),
        (tally.now_failing, "fail on the new set"),
    ] {
        if count > 0 {
            text += &format!(", {count} {kind}");
        }
    }
    text
}

/// A decision that changes, in a line.
pub fn example(example: &Example) -> String {
    let shown = |shown: &Shown| {
        let given = match (&shown.offer, shown.refused) {
            (Some(offer), _) => plain(offer),
            (None, Some(refused)) => format!("refused ({})", refused.as_str()),
            (None, None) => "none".to_owned(),
        };
        format!("floor {} {given}", or_none(&shown.floor))
    };
    format!(
        "{} {} base {}: {} → {}",
        plain(&example.request_id),
        plain(&example.preference),
        plain(&example.base),
        shown(&example.before),
        shown(&example.after)
    )
}

fn chosen(before: &Chosen, after: &Chosen) -> String {
    format!(
        "estimated cost {} → {} USD, mean quality {} → {}",
        plain(&before.cost_usd),
        plain(&after.cost_usd),
        or_none(&before.quality),
        or_none(&after.quality)
    )
}

fn or_none(text: &Option<String>) -> String {
    text.as_deref().map_or_else(|| "none".to_owned(), plain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lifecycle::replay::{Compared, OfAgent, Pinned};
    use crate::store::Digest;

    fn chosen(offers: u64, cost: &str, quality: Option<&str>) -> Chosen {
        Chosen {
            offers,
            cost_usd: cost.into(),
            quality: quality.map(str::to_owned),
        }
    }

    #[test]
    fn a_replay_reads_well() {
        let total = Tally {
            decisions: 3,
            changed: 2,
            floor_up: 2,
            other_offer: 1,
            now_rejected: 1,
            before: chosen(3, "0.5", Some("0.6")),
            after: chosen(2, "0.75", Some("0.7")),
            ..Tally::default()
        };
        let flow = |before: &str, after: Option<&str>| Flow {
            target: Some("ainfera-inference".into()),
            before: Some(before.into()),
            after: after.map(str::to_owned),
            decisions: 1,
        };
        let moved = Breakdown {
            both: Compared {
                before: chosen(2, "0.4", Some("0.55")),
                after: chosen(2, "0.75", Some("0.7")),
            },
            preferences: BTreeMap::from([("quality".to_owned(), total.clone())]),
            agents: vec![OfAgent {
                agent_id: "agt_0\u{1b}".into(),
                tally: total.clone(),
            }],
            agents_left_off: 0,
            models: vec![
                flow("a@p", Some("b@p")),
                flow("a@p", None),
                flow("b@p", Some("b@p")),
            ],
            models_left_off: 0,
            examples: Vec::new(),
            total,
        };
        let found = Replay {
            window: Pinned {
                first: Some("req_1".into()),
                last: Some("req_4".into()),
                decisions: 4,
                ids_sha256: Digest::default(),
            },
            decided: 3,
            undecided: 1,
            unreadable: 0,
            as_recorded: moved.clone(),
            gate_open: moved,
        };
        insta::assert_snapshot!(replay(&found), @r"
        replay of 4 recorded decisions, req_1 to req_4
          left out: 1, refused before an offer was looked for
          gates as recorded: 2 of 3 change, 2 floors up, 1 another offer, 1 now rejected
            estimated cost 0.5 → 0.75 USD, mean quality 0.6 → 0.7
            with an offer both times: estimated cost 0.4 → 0.75 USD, mean quality 0.55 → 0.7
            quality      2 of 3 change, estimated cost 0.5 → 0.75 USD, mean quality 0.6 → 0.7
            agt_0� 2 of 3 change
            ainfera-inference: a@p → b@p, 1 times
            ainfera-inference: a@p → none, 1 times
          gate open: the same
        ");
    }
}
