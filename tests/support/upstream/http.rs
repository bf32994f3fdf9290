//! Just enough HTTP/1.1 to read a request as it came.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// A request as the provider received it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Such as `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// In order, spelt as they came.
    pub headers: Vec<(String, String)>,
    /// Byte for byte.
    pub body: Bytes,
}

impl Recorded {
    /// The value of a header, whatever its case; panics if it came twice.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "header {name} came twice");
        first
    }

    /// The body as JSON; panics if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON request body")
    }

    /// The `model` of the body, empty if there is none.
    pub fn model(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body.get("model")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

/// Reads one request, or None where the client closed between two.
pub(super) async fn read(
    socket: &mut TcpStream,
    buffer: &mut BytesMut,
) -> io::Result<Option<Recorded>> {
    let (mut request, head) = loop {
        if let Some(parsed) = parse_head(buffer)? {
            break parsed;
        }
        if socket.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    buffer.advance(head);
    request.body = if request
        .header("transfer-encoding")
        .is_some_and(|te| te.contains("chunked"))
    {
        read_chunked(socket, buffer).await?
    } else {
        let length = request
            .header("content-length")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        read_exactly(socket, buffer, length).await?
    };
    Ok(Some(request))
}

fn parse_head(buffer: &[u8]) -> io::Result<Option<(Recorded, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut head = httparse::Request::new(&mut headers);
    match head.parse(buffer).map_err(io::Error::other)? {
        httparse::Status::Partial => Ok(None),
        httparse::Status::Complete(length) => Ok(Some((
            Recorded {
                method: head.method.unwrap_or_default().to_owned(),
                target: head.path.unwrap_or_default().to_owned(),
                headers: head
                    .headers
                    .iter()
                    .map(|h| {
                        (
                            h.name.to_owned(),
                            String::from_utf8_lossy(h.value).into_owned(),
                        )
                    })
                    .collect(),
                body: Bytes::new(),
            },
            length,
        ))),
    }
}

async fn read_exactly(
    socket: &mut TcpStream,
    buffer: &mut BytesMut,
    length: usize,
) -> io::Result<Bytes> {
    while buffer.len() < length {
        if socket.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(buffer.split_to(length).freeze())
}

async fn read_chunked(socket: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let line = loop {
            if let Some(end) = buffer.windows(2).position(|pair| pair == b"\r\n") {
                break buffer.split_to(end + 2);
            }
            if socket.read_buf(buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let text = String::from_utf8_lossy(&line);
        let size = usize::from_str_radix(text.trim(), 16).map_err(io::Error::other)?;
        let chunk = read_exactly(socket, buffer, size + 2).await?;
        if size == 0 {
            return Ok(body.freeze());
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
