//! A scriptable fake provider on a free loopback port.
//!
//! It speaks the Anthropic Messages protocol on `/v1/messages`, counting of
//! tokens included, OpenAI Chat Completions on `/v1/chat/completions` and OpenAI
//! Responses on `/v1/responses`, streamed and not, over plain HTTP/1.1 written by
//! hand: what a real server library would not let happen (an aborted connection,
//! odd chunking, garbage) is exactly what the tests need. Every request is kept as
//! it came, down to the order and spelling of its headers.

mod answer;
mod anthropic;
mod chat;
mod http;
mod prepare;
mod responses;
mod script;
mod serve;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

pub use answer::{Answer, Block, End, Usage};
pub use http::Recorded;
pub use script::{Behaviour, Gate, Reply, Watch};

use crate::wait;

/// A running fake provider. Dropping it closes its port and its connections.
pub struct Upstream {
    addr: SocketAddr,
    state: Arc<State>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

type Answering = Box<dyn Fn(&Recorded) -> Behaviour + Send + Sync>;

#[derive(Default)]
struct State {
    answering: OnceLock<Answering>,
    scripts: Mutex<HashMap<String, Behaviour>>,
    queues: Mutex<HashMap<String, VecDeque<Behaviour>>>,
    requests: Mutex<Vec<Recorded>>,
    abandoned: AtomicUsize,
    live: AtomicUsize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Upstream {
    /// Starts a provider on a thread and runtime of its own, so that it may be
    /// shared by tests that each have a runtime.
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener
            .set_nonblocking(true)
            .expect("a non-blocking listener");
        let addr = listener.local_addr().expect("a local address");
        let state = Arc::new(State::default());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || serve::run(listener, shared, stopped));
        Self {
            addr,
            state,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:PORT`, the base URL of an `anthropic` provider.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// `http://127.0.0.1:PORT/v1`, the base URL of an `openai-chat` or
    /// `openai-responses` provider.
    pub fn openai_url(&self) -> String {
        format!("http://{}/v1", self.addr)
    }

    /// Starts a provider that answers each request as `answering` says, whatever
    /// is scripted.
    pub fn answering(answering: impl Fn(&Recorded) -> Behaviour + Send + Sync + 'static) -> Self {
        let upstream = Self::start();
        let _ = upstream.state.answering.set(Box::new(answering));
        upstream
    }

    /// What calls for this upstream model get from now on.
    pub fn script(&self, model: &str, behaviour: Behaviour) {
        lock(&self.state.scripts).insert(model.to_owned(), behaviour);
    }

    /// What the next call for this upstream model gets, before its script.
    pub fn enqueue(&self, model: &str, behaviour: Behaviour) {
        lock(&self.state.queues)
            .entry(model.to_owned())
            .or_default()
            .push_back(behaviour);
    }

    /// Forgets the scripts and requests of this upstream model.
    pub fn forget(&self, model: &str) {
        lock(&self.state.scripts).remove(model);
        lock(&self.state.queues).remove(model);
        lock(&self.state.requests).retain(|request| request.model() != model);
    }

    /// Every request so far, in the order in which they were read.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.state.requests).clone()
    }

    /// The requests for one upstream model.
    pub fn requests_for(&self, model: &str) -> Vec<Recorded> {
        let mut requests = self.requests();
        requests.retain(|request| request.model() == model);
        requests
    }

    /// The one request for this upstream model; panics if there is not exactly one.
    pub fn only_request_for(&self, model: &str) -> Recorded {
        let mut requests = self.requests_for(model);
        assert_eq!(requests.len(), 1, "requests for {model}");
        requests.remove(0)
    }

    /// The one request for this upstream model since this was last asked; panics
    /// if there is not exactly one.
    pub fn take_request_for(&self, model: &str) -> Recorded {
        let mut requests = lock(&self.state.requests);
        let (mut taken, left): (Vec<_>, Vec<_>) = requests
            .drain(..)
            .partition(|request| request.model() == model);
        *requests = left;
        drop(requests);
        assert_eq!(taken.len(), 1, "requests for {model}");
        taken.remove(0)
    }

    /// Answers that the gateway hung up on before they were whole.
    pub fn abandoned(&self) -> usize {
        self.state.abandoned.load(Ordering::SeqCst)
    }

    /// Answers being given at this moment.
    pub fn live(&self) -> usize {
        self.state.live.load(Ordering::SeqCst)
    }

    /// Waits until `count` requests for this upstream model have been read.
    pub async fn wait_for(&self, model: &str, count: usize) {
        wait::until(&format!("{count} requests for {model}"), || {
            (self.requests_for(model).len() >= count).then_some(())
        })
        .await;
    }

    /// Waits until the gateway holds no answer open.
    pub async fn wait_idle(&self) {
        wait::until("the gateway to let go of every answer", || {
            (self.live() == 0).then_some(())
        })
        .await;
    }
}

impl State {
    fn behaviour(&self, request: &Recorded) -> Behaviour {
        if let Some(answering) = self.answering.get() {
            return answering(request);
        }
        let model = &*request.model();
        let queued = lock(&self.queues)
            .get_mut(model)
            .and_then(VecDeque::pop_front);
        queued
            .or_else(|| lock(&self.scripts).get(model).cloned())
            .unwrap_or_else(|| Behaviour::text(&format!("Answer of {model}.")))
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The URL of a port that nothing listens on, so that connecting is refused. It stays
/// taken until the process ends: nobody else comes to listen there.
pub fn closed_port() -> String {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(any).expect("a free port");
    let addr = socket.local_addr().expect("a local address");
    std::mem::forget(socket);
    format!("http://{addr}")
}
