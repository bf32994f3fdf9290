//! The bytes of a streamed answer, collected while they are sent.

use crate::record::Kept;

/// Collects a stream, up to the longest that is kept.
pub struct Tee {
    head: String,
    bytes: Vec<u8>,
    longest: usize,
}

impl Tee {
    /// One for an answer with this head.
    pub fn new(head: String, longest: usize) -> Self {
        Self {
            head,
            bytes: Vec::new(),
            longest,
        }
    }

    /// Takes what is sent. Of a stream that has become too long, nothing is
    /// held any more.
    pub fn take(&mut self, bytes: &[u8]) {
        match self.longest.checked_sub(self.bytes.len() + bytes.len()) {
            Some(_) => self.bytes.extend_from_slice(bytes),
            None => (self.bytes, self.longest) = (Vec::new(), 0),
        }
    }

    /// The whole stream; none where it was too long.
    pub fn kept(self) -> Option<Kept> {
        // A stream has an end, so at least its bytes.
        (!self.bytes.is_empty()).then(|| Kept {
            head: self.head,
            body: self.bytes.into(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_kept_whole_or_not_at_all() {
        let taken = |longest, chunks: &[&[u8]]| {
            let mut tee = Tee::new("{}".to_owned(), longest);
            chunks.iter().for_each(|chunk| tee.take(chunk));
            tee.kept().map(|kept| kept.body)
        };
        assert_eq!(taken(4, &[b"ab", b"cd"]).unwrap(), "abcd");
        assert_eq!(taken(4, &[b"ab", b"cde"]), None);
        assert_eq!(
            taken(4, &[b"abcde", b"f"]),
            None,
            "the end fits, the rest did not"
        );
    }
}
