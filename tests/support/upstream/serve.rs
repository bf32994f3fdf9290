//! The fake provider's connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::answer::End;
use super::prepare::Prepared;
use super::script::Behaviour;
use super::{State, http, lock};

pub(super) fn run(
    listener: std::net::TcpListener,
    state: Arc<State>,
    stopped: tokio::sync::oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime for the fake provider");
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a tokio listener");
        let accept = async {
            while let Ok((socket, _)) = listener.accept().await {
                let _ = socket.set_nodelay(true);
                tokio::spawn(connection(socket, Arc::clone(&state)));
            }
        };
        tokio::select! {
            () = accept => {}
            _ = stopped => {}
        }
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
}

/// Counts an answer as live, and as abandoned unless it was given whole.
struct Live {
    state: Arc<State>,
    given: bool,
}

impl Drop for Live {
    fn drop(&mut self) {
        if !self.given {
            self.state.abandoned.fetch_add(1, Ordering::SeqCst);
        }
        self.state.live.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn connection(mut socket: TcpStream, state: Arc<State>) {
    let mut buffer = BytesMut::new();
    while let Ok(Some(request)) = http::read(&mut socket, &mut buffer).await {
        let behaviour = state.behaviour(&request);
        state.live.fetch_add(1, Ordering::SeqCst);
        let mut live = Live {
            state: Arc::clone(&state),
            given: false,
        };
        let answer = Prepared::new(&behaviour, &request);
        lock(&state.requests).push(request);
        let (mut reader, mut writer) = socket.split();
        // A gateway that hangs up is noticed while the answer is being given.
        let gone = async {
            let mut probe = [0; 1];
            let _ = reader.read(&mut probe).await;
        };
        let kept = tokio::select! {
            biased;
            given = give(&mut writer, &behaviour, answer) => given,
            () = gone => return,
        };
        match kept {
            Ok(After::KeepAlive) => live.given = true,
            Ok(After::Close) => {
                live.given = true;
                let _ = socket.shutdown().await;
                return;
            }
            Ok(After::Abort) => {
                live.given = true;
                let _ = socket.set_zero_linger();
                return;
            }
            Err(_) => return,
        }
    }
}

enum After {
    KeepAlive,
    Close,
    Abort,
}

type Writer<'a> = tokio::net::tcp::WriteHalf<'a>;

async fn give(
    writer: &mut Writer<'_>,
    behaviour: &Behaviour,
    answer: Prepared,
) -> io::Result<After> {
    tokio::time::sleep(behaviour.delay).await;
    if let Some(hold) = &behaviour.hold {
        hold.pass().await;
    }
    let extra: String = behaviour
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    match answer {
        Prepared::Silence => std::future::pending().await,
        Prepared::HangUp => Ok(After::Close),
        Prepared::Body {
            status,
            content_type,
            body,
        } => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Scripted\r\ncontent-type: {content_type}\r\n\
                 content-length: {length}\r\n{extra}\r\n"
            );
            writer.write_all(head.as_bytes()).await?;
            writer.write_all(&body).await?;
            behaviour.note(1, true);
            Ok(After::KeepAlive)
        }
        Prepared::Stream {
            content_type,
            frames,
            end,
        } => {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\n\
                 transfer-encoding: chunked\r\n{extra}\r\n"
            );
            writer.write_all(head.as_bytes()).await?;
            write_frames(writer, behaviour, frames).await?;
            match end {
                End::Hang => std::future::pending().await,
                End::Abort => Ok(After::Abort),
                End::Whole | End::Close | End::Error(..) => {
                    writer.write_all(b"0\r\n\r\n").await?;
                    Ok(After::KeepAlive)
                }
            }
        }
    }
}

async fn write_frames(
    writer: &mut Writer<'_>,
    behaviour: &Behaviour,
    frames: Vec<Bytes>,
) -> io::Result<()> {
    let pieces: Vec<Bytes> = match behaviour.piece {
        // A chunk of no bytes would end the body; what came after it would stand on the
        // connection where the next answer begins.
        0 => frames
            .into_iter()
            .filter(|frame| !frame.is_empty())
            .collect(),
        size => frames
            .concat()
            .chunks(size)
            .map(Bytes::copy_from_slice)
            .collect(),
    };
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            if let Some(gate) = &behaviour.gate {
                gate.pass().await;
            }
            // Gives the gateway a chance to read each piece on its own.
            tokio::task::yield_now().await;
            if !behaviour.pace.is_zero() {
                tokio::time::sleep(behaviour.pace).await;
            }
        }
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend_from_slice(piece);
        chunk.extend_from_slice(b"\r\n");
        writer.write_all(&chunk).await?;
        behaviour.note(index + 1, index + 1 == pieces.len());
    }
    Ok(())
}
