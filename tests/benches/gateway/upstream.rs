//! The upstream: a provider that takes next to no time.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::answer::Answers;
use crate::error::BenchError;
use crate::http1::{Connection, Kind};
use crate::prompt::Prompt;

/// Rest after the first event of [`Prompt::FirstByte`]; far longer than any way needs to pass
/// that event on.
const REST: Duration = Duration::from_millis(1);

/// Listens on a free port, says where on standard output, and answers until it is killed.
pub fn run() -> Result<(), BenchError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::io("start a runtime"))?
        .block_on(serve())
}

async fn serve() -> Result<(), BenchError> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(BenchError::io("listen"))?;
    let address = listener.local_addr().map_err(BenchError::io("listen"))?;
    println!("listening client=http://{address}");
    let answers = Arc::new(Answers::new());
    loop {
        let (stream, _) = listener.accept().await.map_err(BenchError::io("accept"))?;
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            // A client that leaves in the middle of a message is the load's end, not a fault.
            let _ = answer_all(Connection::new(stream)?, &answers).await;
            Ok::<(), BenchError>(())
        });
    }
}

/// Answers one connection's calls until the client closes it.
async fn answer_all(mut connection: Connection, answers: &Answers) -> Result<(), BenchError> {
    while let Some(request) = connection.read(Kind::Request).await? {
        let prompt = Prompt::of(request.body);
        for (position, write) in answers.to(prompt).iter().enumerate() {
            match (prompt, position) {
                (Prompt::Open, 3) => std::future::pending().await,
                (_, 0) => {}
                (Prompt::FirstByte, 1) => tokio::time::sleep(REST).await,
                // Concurrent streams take turns event by event.
                _ => tokio::task::yield_now().await,
            }
            connection
                .stream
                .write_all(write)
                .await
                .map_err(BenchError::io("write an answer"))?;
        }
    }
    Ok(())
}
