//! `with-postgres COMMAND…`: runs a command while a PostgreSQL server of its own is up,
//! whose URL it has in `AINFERA_TEST_POSTGRES`, and exits as it does.

use std::process::{Command, ExitCode};

use ainfera_tests::postgres::{Cluster, SERVER};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: with-postgres COMMAND…");
        return ExitCode::from(2);
    };
    let cluster = Cluster::start();
    let status = Command::new(&program)
        .args(words)
        .env(SERVER, cluster.url())
        .status();
    match status {
        // Ended by a signal: no code.
        Ok(status) => status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("error: cannot run {}: {error}", program.display());
            ExitCode::from(127)
        }
    }
}
