//! The `traceparent` header: the span of a caller.
//! <https://www.w3.org/TR/trace-context/#traceparent-header>

use http::HeaderMap;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// What a caller said of its own span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace: u128,
    span: u64,
    sampled: bool,
}

impl TraceParent {
    /// The one in `headers`; none where there is none, more than one, or
    /// something else: then the call begins a trace of its own.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all("traceparent").iter();
        match (all.next(), all.next()) {
            (Some(one), None) => Self::parse(one.to_str().ok()?),
            _ => None,
        }
    }

    /// `version "-" trace-id "-" parent-id "-" flags`, in lower case. Later
    /// versions may have more after that.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '-');
        let version = hexadecimal(parts.next()?, 2)?;
        let trace = hexadecimal(parts.next()?, 32)?;
        let span = hexadecimal(parts.next()?, 16)?;
        let flags = hexadecimal(parts.next()?, 2)?;
        let more = parts.next().is_some();
        let known = version != 0xff && !(version == 0 && more);
        (known && trace != 0 && span != 0).then_some(Self {
            trace,
            span: u64::try_from(span).ok()?,
            sampled: flags & 1 == 1,
        })
    }

    /// As the parent of a span here.
    pub(super) fn context(self) -> SpanContext {
        SpanContext::new(
            TraceId::from(self.trace),
            SpanId::from(self.span),
            TraceFlags::default().with_sampled(self.sampled),
            true,
            TraceState::NONE,
        )
    }
}

/// The value of exactly `digits` hexadecimal digits in lower case.
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (text.len() == digits && text.bytes().all(lower))
        .then(|| u128::from_str_radix(text, 16).ok())
        .flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn only_what_the_standard_allows_is_taken() {
        let taken = TraceParent::parse(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert_eq!(
            (taken.trace, taken.span, taken.sampled),
            (
                0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
                0xb7ad_6b71_6920_3331,
                true
            )
        );
        let taken = |text: &str| TraceParent::parse(text).map(|parent| parent.sampled);
        assert_eq!(taken(&format!("00-{TRACE}-{SPAN}-00")), Some(false));
        assert_eq!(taken(&format!("00-{TRACE}-{SPAN}-fe")), Some(false));
        assert_eq!(taken(&format!("cc-{TRACE}-{SPAN}-01-later")), Some(true));
        let zeros = (&*"0".repeat(32), &*"0".repeat(16));
        for malformed in [
            String::new(),
            "00".to_owned(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", zeros.0),
            format!("00-{TRACE}-{}-01", zeros.1),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{SPAN}-0g"),
            format!("00-{TRACE}-+7ad6b7169203331-01"),
            format!(" 00-{TRACE}-{SPAN}-01"),
        ] {
            assert_eq!(TraceParent::parse(&malformed), None, "{malformed:?}");
        }
    }

    #[test]
    fn two_headers_are_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(TraceParent::of(&headers), None);
        let value = HeaderValue::try_from(format!("00-{TRACE}-{SPAN}-01")).unwrap();
        headers.append("traceparent", value.clone());
        assert!(TraceParent::of(&headers).is_some());
        headers.append("traceparent", value);
        assert_eq!(TraceParent::of(&headers), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(trace in 1u128.., span in 1u64.., sampled: bool) {
            let text = format!("00-{trace:032x}-{span:016x}-{:02x}", u8::from(sampled));
            prop_assert_eq!(TraceParent::parse(&text), Some(TraceParent { trace, span, sampled }));
        }

        #[test]
        fn nothing_makes_it_panic(text in ".*") {
            let _ = TraceParent::parse(&text);
        }
    }
}
