//! A client that breaks HTTP's good manners.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wait;

/// A bare TCP connection.
pub struct RawConnection(TcpStream);

/// An answer read from one, to the close of the connection or its content length.
#[derive(Debug)]
pub struct RawAnswer {
    /// HTTP status, 0 where the connection closed without an answer.
    pub status: u16,
    /// The status line and headers.
    pub head: String,
    /// What came after them.
    pub body: Vec<u8>,
}

impl RawConnection {
    /// Connects to `host:port`.
    pub async fn open(addr: &str) -> Self {
        let socket = TcpStream::connect(addr)
            .await
            .expect("to connect to the gateway");
        socket.set_nodelay(true).expect("no delay");
        Self(socket)
    }

    /// Sends bytes. False where the gateway has closed the connection.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Says that nothing more will come.
    pub async fn finish(&mut self) {
        let _ = self.0.shutdown().await;
    }

    /// Waits until it is told to go on, after `expect: 100-continue` in its headers:
    /// then its body is being read.
    pub async fn told_to_go_on(&mut self, limit: Duration) {
        const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
        let mut told = [0_u8; GO_ON.len()];
        let read = self.0.read_exact(&mut told);
        let read = wait::within(limit, "to be told to go on", read).await;
        read.expect("an open connection");
        assert_eq!(&told[..], GO_ON, "{}", String::from_utf8_lossy(&told));
    }

    /// Reads one answer, which must come within `limit`.
    pub async fn answer(&mut self, limit: Duration) -> RawAnswer {
        wait::within(limit, "an answer", self.read_answer()).await
    }

    async fn read_answer(&mut self) -> RawAnswer {
        let mut bytes = Vec::new();
        let mut head = None;
        loop {
            if head.is_none()
                && let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n")
            {
                head = Some(String::from_utf8_lossy(&bytes[..end]).into_owned());
                bytes.drain(..end + 4);
            }
            if let Some(head) = &head
                && content_length(head).is_some_and(|length| bytes.len() >= length)
            {
                break;
            }
            match self.0.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        let head = head.unwrap_or_default();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        RawAnswer {
            status,
            head,
            body: bytes,
        }
    }
}

impl RawAnswer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text:?}"))
    }
}

fn content_length(head: &str) -> Option<usize> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())
            .flatten()
    })
}
