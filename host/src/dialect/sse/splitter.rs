//! Cutting a stream into frames.

use bytes::{Bytes, BytesMut};

/// The most bytes that a frame may have. Far above what a provider sends, low
/// enough that a stream without a blank line can't take the memory.
pub const MAX_FRAME: usize = 16 << 20;

/// Cuts a stream into frames, the same ones however the stream is chunked.
#[derive(Debug, Default)]
pub struct Splitter {
    /// The frame that is not whole yet, and never more than that.
    partial: BytesMut,
    scan: Scan,
    /// Where the frames of the last call end.
    ends: Vec<usize>,
    begun: bool,
    broken: bool,
}

/// How far the bytes since the last whole frame have been looked at.
#[derive(Debug, Default, Clone, Copy)]
struct Scan {
    /// Where the current line begins.
    line: usize,
    /// Everything before has been looked at.
    at: usize,
}

impl Splitter {
    /// Takes the next bytes. Frames that lie whole in them are not copied.
    pub fn feed(&mut self, chunk: Bytes) -> Frames<'_> {
        self.ends.clear();
        if self.broken {
            return self.frames(Bytes::new(), false);
        }
        if self.partial.is_empty() {
            let whole = self.scan.frames(&chunk, false, &mut self.ends);
            let rest = chunk.get(whole..).unwrap_or_default();
            self.partial.extend_from_slice(rest);
            self.emit(chunk.slice(..whole))
        } else {
            self.partial.extend_from_slice(&chunk);
            let whole = self.scan.frames(&self.partial, false, &mut self.ends);
            let whole = self.partial.split_to(whole).freeze();
            self.emit(whole)
        }
    }

    /// Takes the end of the stream. A last frame is whole only if its blank
    /// line came; what is not is dropped.
    pub fn eof(&mut self) -> Frames<'_> {
        self.ends.clear();
        let rest = std::mem::take(&mut self.partial).freeze();
        let whole = self.scan.frames(&rest, true, &mut self.ends);
        self.emit(rest.slice(..whole))
    }

    fn emit(&mut self, bytes: Bytes) -> Frames<'_> {
        let mut start = 0;
        let fit = self.ends.iter().take_while(|end| {
            let fits = **end - start <= MAX_FRAME;
            start = **end;
            fits
        });
        let fit = fit.count();
        self.broken = fit < self.ends.len() || self.partial.len() > MAX_FRAME;
        if self.broken {
            self.ends.truncate(fit);
            self.partial = BytesMut::new();
        }
        let first = !self.begun && !self.ends.is_empty();
        self.begun |= first;
        self.frames(bytes, first)
    }

    fn frames(&self, bytes: Bytes, first: bool) -> Frames<'_> {
        Frames {
            bytes,
            ends: &self.ends,
            first,
            broken: self.broken,
        }
    }
}

impl Scan {
    /// Adds the ends of the frames in `data` to `ends`; the last one, or 0. A
    /// carriage return that `data` ends with may be half a line's end and is
    /// left for later, unless nothing comes any more.
    fn frames(&mut self, data: &[u8], eof: bool, ends: &mut Vec<usize>) -> usize {
        let mut whole = 0;
        while let Some(rest) = data.get(self.at..) {
            let Some(found) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.at = data.len();
                break;
            };
            let break_at = self.at + found;
            let next = match (data.get(break_at), data.get(break_at + 1)) {
                (Some(b'\r'), Some(b'\n')) => break_at + 2,
                (Some(b'\r'), None) if !eof => {
                    self.at = break_at;
                    break;
                }
                _ => break_at + 1,
            };
            if break_at == self.line {
                ends.push(next);
                whole = next;
            }
            self.line = next;
            self.at = next;
        }
        self.line -= whole;
        self.at -= whole;
        whole
    }
}

/// Whole frames, one after the other in one piece of memory.
#[derive(Debug)]
pub struct Frames<'s> {
    bytes: Bytes,
    ends: &'s [usize],
    first: bool,
    /// Whether a frame larger than [`MAX_FRAME`] follows these. Nothing comes
    /// after it.
    pub broken: bool,
}

/// One frame in [`Frames`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawFrame<'f> {
    /// Where it begins in the frames' bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its bytes, without the byte order mark that a stream may begin with.
    pub text: &'f [u8],
}

impl Frames<'_> {
    /// The frames' bytes from `start` to `end`, not copied.
    pub fn slice(&self, start: usize, end: usize) -> Bytes {
        self.bytes.slice(start..end)
    }

    /// The frames, in order.
    pub fn iter(&self) -> impl Iterator<Item = RawFrame<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let mut text = self.bytes.get(start..end).unwrap_or_default();
            if self.first && start == 0 {
                text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
            }
            let frame = RawFrame { start, end, text };
            start = end;
            frame
        })
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
    use proptest::prelude::*;

    /// The frames of `chunks`, and whether the stream broke.
    fn split<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> (Vec<Vec<u8>>, bool) {
        let mut splitter = Splitter::default();
        let mut frames = Vec::new();
        let mut broken = false;
        let mut take = |new: Frames<'_>| {
            frames.extend(new.iter().map(|frame| frame.text.to_vec()));
            broken |= new.broken;
        };
        for chunk in chunks {
            take(splitter.feed(Bytes::copy_from_slice(chunk)));
        }
        take(splitter.eof());
        (frames, broken)
    }

    #[test]
    fn every_line_end_ends_a_frame() {
        let stream =
            b"\xef\xbb\xbfdata: 1\n\n: c\r\n\r\n\ndata: 2\r\rdata: 3\n\r\ndata: 4\r\n\rrest";
        let (frames, broken) = split([&stream[..]]);
        let frames: Vec<_> = frames
            .iter()
            .map(|frame| str::from_utf8(frame).unwrap())
            .collect();
        assert_eq!(
            frames,
            [
                "data: 1\n\n",
                ": c\r\n\r\n",
                "\n",
                "data: 2\r\r",
                "data: 3\n\r\n",
                "data: 4\r\n\r"
            ]
        );
        assert!(!broken);
    }

    #[test]
    fn whole_frames_are_not_copied() {
        let chunk = Bytes::from_static(b"data: 1\n\ndata: 2\n\nda");
        let mut splitter = Splitter::default();
        let frames = splitter.feed(chunk.clone());
        assert_eq!(frames.slice(0, 18).as_ptr(), chunk.as_ptr());
    }

    #[test]
    fn a_frame_without_an_end_breaks_the_stream() {
        let line = vec![b'x'; MAX_FRAME / 4];
        let (frames, broken) =
            split(std::iter::once(&b"a\n\n"[..]).chain(std::iter::repeat_n(&line[..], 5)));
        assert_eq!((frames, broken), (vec![b"a\n\n".to_vec()], true));

        let mut whole = vec![b'x'; MAX_FRAME - 2];
        whole.extend_from_slice(b"\n\n");
        assert!(!split([&whole[..]]).1);
        whole.insert(0, b'x');
        whole.extend_from_slice(b"b\n\n");
        assert_eq!(split([&whole[..]]), (vec![], true));
        let (head, tail) = whole.split_at(9);
        assert_eq!(split([head, tail]), (vec![], true));
    }

    proptest! {
        #[test]
        fn chunking_changes_nothing(
            stream in "(\u{feff})?(data|[a:\r\n]|\r\n|\n\n){0,40}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let stream = stream.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let chunks = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]);
            prop_assert_eq!(split(chunks), split([stream]));
        }
    }
}
