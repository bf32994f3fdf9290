//! A network between a writer and its server, that can fail.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

/// What it does with what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Mode {
    Passes,
    /// Nothing gets through, in either direction, as where the server is stopped.
    Frozen,
    /// Whatever the server answers is lost, and the connection with it.
    LosesAnswers,
}

pub(super) struct Proxy {
    mode: Arc<AtomicU8>,
    port: u16,
}

impl Proxy {
    /// In front of the server of these options.
    pub(super) fn before(options: &PgConnectOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = Arc::new(AtomicU8::new(Mode::Passes as u8));
        let server = (options.get_host().to_owned(), options.get_port());
        let modes = Arc::clone(&mode);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let server = TcpStream::connect((server.0.as_str(), server.1)).unwrap();
                let pump = |from: &TcpStream, to: &TcpStream, answers| {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let modes = Arc::clone(&modes);
                    thread::spawn(move || pump(from, to, answers, &modes));
                };
                pump(&client, &server, false);
                pump(&server, &client, true);
            }
        });
        Self { mode, port }
    }

    pub(super) fn set(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::SeqCst);
    }

    /// How to connect through it.
    pub(super) fn options(&self, options: &PgConnectOptions) -> PgConnectOptions {
        options.clone().host("127.0.0.1").port(self.port)
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, answers: bool, mode: &AtomicU8) {
    let mut bytes = [0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        while mode.load(Ordering::SeqCst) == Mode::Frozen as u8 {
            thread::sleep(Duration::from_millis(2));
        }
        let lost = answers && mode.load(Ordering::SeqCst) == Mode::LosesAnswers as u8;
        if lost || to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
