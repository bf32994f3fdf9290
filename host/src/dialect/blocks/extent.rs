//! Where a JSON object that comes in pieces ends.

/// How much of an object has come. Only its extent is followed, not whether
/// everything in it is valid.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    depth: usize,
    string: bool,
    escape: bool,
    begun: bool,
}

/// What is no object: it begins with something else, or goes on after its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAnObject;

impl Extent {
    /// Takes the next piece.
    pub(super) fn feed(&mut self, piece: &str) -> Result<(), NotAnObject> {
        for byte in piece.bytes() {
            match byte {
                _ if self.escape => self.escape = false,
                b'\\' if self.string => self.escape = true,
                b'"' if self.depth > 0 => self.string = !self.string,
                _ if self.string => {}
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'{' if !self.begun => {
                    self.begun = true;
                    self.depth = 1;
                }
                _ if self.depth == 0 => return Err(NotAnObject),
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the object is whole.
    pub(super) fn is_whole(&self) -> bool {
        self.begun && self.depth == 0
    }

    /// Whether nothing of it has come.
    pub(super) fn is_blank(&self) -> bool {
        !self.begun
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_at_every_cut() {
        let json = r#" {"a\"}{":[{"é":"\\"}, 1],"b":{}} "#;
        let end = json.trim_end().len();
        for cut in (0..=json.len()).filter(|cut| json.is_char_boundary(*cut)) {
            let mut extent = Extent::default();
            extent.feed(&json[..cut]).unwrap();
            assert_eq!(extent.is_whole(), cut >= end, "{cut}");
            assert_eq!(extent.is_blank(), cut < 2, "{cut}");
            extent.feed(&json[cut..]).unwrap();
            assert!(extent.is_whole());
        }
    }

    #[test]
    fn what_is_no_object_is_noticed() {
        for bad in ["null", "\"{}\"", "[", "}", "{}{", "{} x", "{}}"] {
            assert_eq!(Extent::default().feed(bad), Err(NotAnObject), "{bad}");
        }
    }
}
