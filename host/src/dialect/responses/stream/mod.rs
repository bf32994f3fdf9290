//! A Responses stream in the form between dialects.

mod items;
mod wire;

use self::items::Items;
use self::wire::Event as Wire;
use super::wire::Response;
use crate::dialect::common::{Event, Usage};
use crate::dialect::json::Text;
use crate::dialect::openai::error;
use crate::dialect::sse::Frame;
use crate::dialect::translate::{self, Fault, Read};

/// Decodes one stream, event by event as its data comes.
///
/// The answer begins with the first item: what comes before only says that the
/// request was taken, and a provider may still refuse it.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    upstream_id: Option<String>,
    started: bool,
    items: Items,
}

impl translate::Decoder for Decoder {
    fn frame(&mut self, frame: &Frame<'_>, events: &mut Vec<Event>) -> Result<Read, Fault> {
        let Some(data) = &frame.data else {
            return Ok(Read::More);
        };
        // Hosts other than OpenAI may send one.
        if data.trim_ascii() == b"[DONE]" {
            return Ok(Read::Ended { whole: false });
        }
        let event: Wire<'_> = read(data)?;
        let index = event.index();
        match event.kind() {
            "response.created" => {
                let id = event.response::<wire::Created<'_>>()?.id;
                self.upstream_id = id.map(|Text(id)| id.into_owned());
            }
            "response.output_item.added" => {
                self.begun(events).added(index, &event.item()?, events)?;
            }
            "response.output_item.done" => {
                self.begun(events).done(index, &event.item()?, events)?;
            }
            "response.output_text.delta" => {
                self.begun(events).text(index, &event.delta()?, events)?;
            }
            "response.refusal.delta" => {
                self.begun(events).refusal(index, &event.delta()?, events)?;
            }
            "response.reasoning_summary_text.delta" => {
                let items = self.begun(events);
                items.thinking(index, event.part(), &event.delta()?, events)?;
            }
            "response.function_call_arguments.delta" => {
                let items = self.begun(events);
                items.arguments(index, &event.delta()?, events)?;
            }
            "response.completed" | "response.incomplete" => {
                self.end(event.response()?, events)?;
                return Ok(Read::Ended { whole: true });
            }
            "response.failed" => {
                let response = event.response.map_or("", |response| response.get());
                return Err(reported(response.as_bytes()).unwrap_or_else(silent));
            }
            "error" => return Err(reported(data).unwrap_or_else(silent)),
            // An error of a host in between, as in Chat Completions.
            "" => reported(data).map_or(Ok(()), Err)?,
            _ => {}
        }
        Ok(Read::More)
    }

    fn closed(&mut self, _events: &mut Vec<Event>) -> bool {
        false
    }
}

impl Decoder {
    /// The items of the answer, which begins here if it had not.
    fn begun(&mut self, events: &mut Vec<Event>) -> &mut Items {
        if !self.started {
            self.started = true;
            events.push(Event::Start {
                upstream_id: self.upstream_id.take(),
                // Known at the end only.
                usage: Usage::default(),
            });
        }
        &mut self.items
    }

    fn end(&mut self, response: Response<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let id = response.id.as_ref().map(|Text(id)| id.as_ref().to_owned());
        self.upstream_id = self.upstream_id.take().or(id);
        let items = self.begun(events);
        if items.is_empty() {
            // Nothing of it was streamed.
            for (index, item) in (0..).zip(response.output.iter().flatten()) {
                items.done(index, item, events)?;
            }
        }
        let stop_reason = response.stop_reason(items.tool_use(), items.refused());
        items.finish(&stop_reason, events)?;
        let usage = response.usage.unwrap_or_default().into();
        events.push(Event::End { stop_reason, usage });
        Ok(())
    }
}

/// What is read from `data`, or why it can't be: the provider's own words
/// where it sent an error.
fn read<'a>(data: &'a [u8]) -> Result<Wire<'a>, Fault> {
    serde_json::from_slice(data)
        .map_err(|unread| reported(data).unwrap_or_else(|| Fault::Garbage(unread.to_string())))
}

/// The error that `data` reports, if it does.
fn reported(data: &[u8]) -> Option<Fault> {
    let (status, message) = error::read(data)?;
    Some(Fault::Reported { status, message })
}

fn silent() -> Fault {
    Fault::Reported {
        status: 500,
        message: "the provider reported an error without details".to_owned(),
    }
}
