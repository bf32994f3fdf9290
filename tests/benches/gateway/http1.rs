//! As much HTTP/1.1 as load and upstream need: a message read whole into a buffer that is used
//! again. A full library here would take the core's time from what is measured.

use std::time::Instant;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::error::BenchError;

/// More headers than any side of this bench sends.
const MAX_HEADERS: usize = 32;

/// One end of a connection that carries one message after another.
pub struct Connection {
    /// The socket, to be written to directly.
    pub stream: TcpStream,
    message: Vec<u8>,
}

/// Which kind of message is read.
#[derive(Clone, Copy)]
pub enum Kind {
    /// From a client.
    Request,
    /// From a server.
    Response,
}

/// A message that has been read whole.
pub struct Message<'a> {
    /// Of a response its status; of a request 0.
    pub status: u16,
    /// The body as it came, chunk framing included.
    pub body: &'a [u8],
    /// When the first byte of the body was there.
    pub first_byte: Instant,
}

/// A message's head, and what is known of its body's end.
struct Head {
    status: u16,
    length: usize,
    body: Body,
}

/// Where a body ends, counted from the start of the message.
enum Body {
    /// Here.
    End(usize),
    /// Behind the last chunk; the next one starts here.
    Chunked(usize),
}

impl Connection {
    /// Takes a connected socket. Small writes leave at once.
    pub fn new(stream: TcpStream) -> Result<Self, BenchError> {
        stream
            .set_nodelay(true)
            .map_err(BenchError::io("set TCP_NODELAY"))?;
        Ok(Self {
            stream,
            message: Vec::with_capacity(16 * 1024),
        })
    }

    /// Reads the next message. `None`: the other end closed the connection before one began.
    pub async fn read(&mut self, kind: Kind) -> Result<Option<Message<'_>>, BenchError> {
        self.message.clear();
        let mut head: Option<Head> = None;
        let mut first_byte: Option<Instant> = None;
        let (head, first_byte) = loop {
            let read = self.stream.read_buf(&mut self.message).await;
            if read.map_err(BenchError::io("read a message"))? == 0 {
                if self.message.is_empty() {
                    return Ok(None);
                }
                return Err(BenchError::Http("it ends early".to_owned()));
            }
            if head.is_none() {
                head = Head::read(kind, &self.message)?;
            }
            let Some(head) = &mut head else { continue };
            if first_byte.is_none() && self.message.len() > head.length {
                first_byte = Some(Instant::now());
            }
            if head.body.is_whole(&self.message)? {
                break (head, first_byte);
            }
        };
        Ok(Some(Message {
            status: head.status,
            body: self.message.get(head.length..).unwrap_or_default(),
            first_byte: first_byte.unwrap_or_else(Instant::now),
        }))
    }
}

impl Head {
    /// Reads the head, if it is whole.
    fn read(kind: Kind, message: &[u8]) -> Result<Option<Self>, BenchError> {
        let malformed = |error: httparse::Error| BenchError::Http(error.to_string());
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let (parsed, status, headers) = match kind {
            Kind::Request => {
                let mut request = httparse::Request::new(&mut headers);
                let parsed = request.parse(message).map_err(malformed)?;
                (parsed, 0, request.headers)
            }
            Kind::Response => {
                let mut response = httparse::Response::new(&mut headers);
                let parsed = response.parse(message).map_err(malformed)?;
                (parsed, response.code.unwrap_or_default(), response.headers)
            }
        };
        let httparse::Status::Complete(length) = parsed else {
            return Ok(None);
        };
        let body = Body::announced(headers, length)?;
        Ok(Some(Self {
            status,
            length,
            body,
        }))
    }
}

impl Body {
    /// What the headers say of the body that starts at `start`.
    fn announced(headers: &[httparse::Header<'_>], start: usize) -> Result<Self, BenchError> {
        for header in headers {
            if header.name.eq_ignore_ascii_case("content-length") {
                let length = std::str::from_utf8(header.value).ok();
                return length
                    .and_then(|length| length.parse::<usize>().ok())
                    .map(|length| Self::End(start + length))
                    .ok_or_else(|| BenchError::Http("its length is no number".to_owned()));
            }
            if header.name.eq_ignore_ascii_case("transfer-encoding") {
                return Ok(Self::Chunked(start));
            }
        }
        Ok(Self::End(start))
    }

    /// Whether `message`, which only grows, holds the body's end.
    fn is_whole(&mut self, message: &[u8]) -> Result<bool, BenchError> {
        let next = match self {
            Self::End(end) => return Ok(message.len() >= *end),
            Self::Chunked(next) => next,
        };
        while let Some(rest) = message.get(*next..) {
            let line = httparse::parse_chunk_size(rest)
                .map_err(|_| BenchError::Http("a chunk has no size".to_owned()))?;
            let httparse::Status::Complete((line, size)) = line else {
                return Ok(false);
            };
            let size = usize::try_from(size)
                .map_err(|_| BenchError::Http("a chunk is too large".to_owned()))?;
            // Size line, data, line end. The last chunk has no data, and no trailers follow it.
            let end = *next + line + size + 2;
            if size == 0 {
                return Ok(message.len() >= end);
            }
            *next = end;
        }
        Ok(false)
    }
}
