//! Places and links in the audit, as arguments.

use crate::audit::verify::Place;
use crate::record::audit::Head;

/// `CHAIN` or `CHAIN.SEQ`.
pub(super) fn place(text: &str) -> Result<Place, String> {
    let (chain, seq) = text.split_once('.').unwrap_or((text, "1"));
    match (number(chain), number(seq)) {
        (Some(chain), Some(seq)) if chain < 1 << 20 => Ok(Place { chain, seq }),
        _ => Err("expected CHAIN or CHAIN.SEQ, such as 3 or 3.1200".to_owned()),
    }
}

/// `CHAIN:SEQ:LINK`.
pub(super) fn head(text: &str) -> Result<(i64, Head), String> {
    let parts: Vec<_> = text.split(':').collect();
    if let [chain, seq, link] = parts.as_slice()
        && let (Some(chain), Some(seq), Ok(link)) = (number(chain), number(seq), link.parse())
    {
        return Ok((chain, Head { seq, link }));
    }
    Err("expected CHAIN:SEQ:LINK, as the log has it with `audit_checkpoint`".to_owned())
}

fn number(text: &str) -> Option<i64> {
    let plain = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::Digest;

    #[test]
    fn places_and_heads_are_read() {
        let at = |chain, seq| Ok(Place { chain, seq });
        assert_eq!(place("3"), at(3, 1));
        assert_eq!(place("0.17"), at(0, 17));
        let link = Digest::of(b"x");
        assert_eq!(head(&format!("1:2:{link}")), Ok((1, Head { seq: 2, link })));
        for text in ["", "1.", "-1", "1.-2", "1.2.3", "9999999"] {
            place(text).unwrap_err();
        }
        for text in ["", "1:2", "1:2:zz", "a:2:00"] {
            head(text).unwrap_err();
        }
    }
}
