//! The practical limit of the stack: the gateway's server and client libraries with nothing
//! between them. Bodies are streamed through both ways.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use axum::http::{Request, Response, StatusCode};
use axum::routing::post;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use reqwest::{Method, Url};
use tokio::net::TcpListener;

use crate::error::BenchError;

/// Where the proxy sends what it gets.
#[derive(clap::Args)]
pub struct Settings {
    /// Base URL of the upstream.
    #[arg(long)]
    upstream: Url,
}

/// The way to the upstream.
#[derive(Clone)]
struct Upstream {
    client: reqwest::Client,
    messages: Url,
}

/// Listens on a free port, says where on standard output, and copies until it is killed.
pub fn run(settings: &Settings) -> Result<(), BenchError> {
    // reqwest asks for a TLS provider when it is built, though this bench calls without TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut messages = settings.upstream.clone();
    messages.set_path("/v1/messages");
    let upstream = Upstream {
        client: reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        messages,
    };
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(BenchError::io("start a runtime"))?
        .block_on(serve(upstream))
}

async fn serve(upstream: Upstream) -> Result<(), BenchError> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(BenchError::io("listen"))?;
    let address = listener.local_addr().map_err(BenchError::io("listen"))?;
    println!("listening client=http://{address}");
    let service = TowerToHyperService::new(
        Router::new()
            .route("/v1/messages", post(copy))
            .with_state(upstream),
    );
    loop {
        let (stream, _) = listener.accept().await.map_err(BenchError::io("accept"))?;
        stream
            .set_nodelay(true)
            .map_err(BenchError::io("set TCP_NODELAY"))?;
        let service = service.clone();
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            // The load closes its connections when a round ends.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Sends the call on and the answer back, byte for byte.
async fn copy(
    State(upstream): State<Upstream>,
    request: Request<Body>,
) -> Result<Response<Body>, (StatusCode, String)> {
    let (mut head, body) = request.into_parts();
    head.headers.remove(HOST);
    let mut call = reqwest::Request::new(Method::POST, upstream.messages);
    *call.headers_mut() = head.headers;
    *call.body_mut() = Some(reqwest::Body::wrap_stream(body.into_data_stream()));
    let answer = upstream.client.execute(call).await;
    let answer = answer.map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))?;
    let mut answer = Response::<reqwest::Body>::from(answer).map(Body::new);
    answer.headers_mut().remove(CONNECTION);
    answer.headers_mut().remove(TRANSFER_ENCODING);
    Ok(answer)
}
