//! Where PostgreSQL is installed, and who may run its server.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with `initdb` and `postgres`: where Debian has the newest one, else in
/// `PATH`.
pub(super) fn folder() -> PathBuf {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut debian: Vec<(u32, PathBuf)> = debian
        .filter_map(|version| {
            let path = version.ok()?.path();
            let number = path.file_name()?.to_str()?.parse().ok()?;
            Some((number, path.join("bin")))
        })
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest_first = debian.into_iter().rev().map(|(_, folder)| folder);
    newest_first
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .expect("PostgreSQL's server programs: install the package postgresql")
}

/// The words before a command that run it as a user PostgreSQL serves for, and that
/// user's ids where it is another: the server refuses to run as root.
pub(super) fn user() -> (&'static str, Option<(u32, u32)>) {
    let own = std::fs::metadata("/proc/self").expect("our own process");
    if own.uid() != 0 {
        return ("", None);
    }
    let id = |which| {
        let said = Command::new("id").args([which, "postgres"]).output();
        let said = said.expect("the program id").stdout;
        let number = String::from_utf8_lossy(&said).trim().parse();
        number.expect("a user `postgres`: the package postgresql adds it")
    };
    (
        "setpriv --reuid=postgres --regid=postgres --init-groups --",
        Some((id("-u"), id("-g"))),
    )
}

/// The processes whose working directory this is: all of a server work in its data.
pub(super) fn working_in(folder: &Path) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").expect("/proc");
    processes
        .filter_map(|process| {
            let process = process.ok()?;
            let works_in = std::fs::read_link(process.path().join("cwd")).ok()?;
            (works_in == folder).then(|| process.file_name().to_string_lossy().into_owned())
        })
        .collect()
}
