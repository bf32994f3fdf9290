//! The arguments of a tool call in a whole answer, JSON in a string.

use serde_json::value::RawValue;

use super::NotAnAnswer;
use super::common::StopReason;

/// The object that `arguments` of the tool `name` hold. No text stands for an
/// object without members, and so does one that was cut off by `stop`.
pub(super) fn object(
    name: &str,
    arguments: &str,
    stop: &StopReason,
) -> Result<Box<RawValue>, NotAnAnswer> {
    let arguments = match arguments.trim() {
        "" => "{}",
        json => json,
    };
    match serde_json::from_str::<Box<RawValue>>(arguments) {
        Ok(input) if input.get().starts_with('{') => Ok(input),
        _ if stop.cuts_off() => {
            RawValue::from_string("{}".to_owned()).map_err(NotAnAnswer::because)
        }
        _ => {
            let reason = format!("the arguments of `{name}` are no JSON object");
            Err(NotAnAnswer { reason })
        }
    }
}
