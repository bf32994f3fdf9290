//! Where a database is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// Which database the records are in.
#[derive(Clone, Debug)]
pub enum Location {
    /// SQLite, in this file.
    File(PathBuf),
    /// PostgreSQL, on this server.
    Server(Server),
}

impl Location {
    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(server) => server.fmt(f),
        }
    }
}

/// A text that names no database. It never repeats the text, which may hold a
/// password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected sqlite:PATH or postgres://USER@HOST/DATABASE; {0}")]
pub struct BadLocation(String);

impl FromStr for Location {
    type Err = BadLocation;

    fn from_str(url: &str) -> Result<Self, BadLocation> {
        match url.split_once(':') {
            Some(("sqlite", path)) => match path.trim_start_matches("//") {
                "" => Err(BadLocation("the path is empty".to_owned())),
                path => Ok(Self::File(path.into())),
            },
            Some(("postgres" | "postgresql", _)) => url.parse().map(Self::Server),
            _ => Err(BadLocation("this is neither".to_owned())),
        }
    }
}

/// A PostgreSQL database, and how to connect to it. It is shown without its
/// password.
#[derive(Clone)]
pub struct Server(Box<PgConnectOptions>);

impl Server {
    /// How to connect to it.
    #[must_use]
    pub fn options(&self) -> &PgConnectOptions {
        &self.0
    }
}

impl FromStr for Server {
    type Err = BadLocation;

    fn from_str(url: &str) -> Result<Self, BadLocation> {
        let options: PgConnectOptions = url.parse().map_err(|error| {
            BadLocation(match error {
                sqlx::Error::Configuration(why) => why.to_string(),
                other => other.to_string(),
            })
        })?;
        Ok(Self(Box::new(match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("ainfera"),
        })))
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, database) = (self.0.get_username(), self.0.get_database());
        let database = database.unwrap_or(user);
        match self.0.get_socket() {
            Some(socket) => write!(f, "postgres://{user}@/{database}?host={}", socket.display()),
            None => {
                let (host, port) = (self.0.get_host(), self.0.get_port());
                write!(f, "postgres://{user}@{host}:{port}/{database}")
            }
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_a_server() {
        for (url, file) in [
            ("sqlite:/a/b.db", "/a/b.db"),
            ("sqlite:///a/b.db", "/a/b.db"),
            ("sqlite:b.db", "b.db"),
        ] {
            let location: Location = url.parse().unwrap();
            assert_eq!(location.file(), Some(Path::new(file)), "{url}");
        }
        for scheme in ["postgres", "postgresql"] {
            let location: Location = format!("{scheme}://me@db.example:6432/records")
                .parse()
                .unwrap();
            assert_eq!(location.file(), None);
            assert_eq!(
                location.to_string(),
                "postgres://me@db.example:6432/records"
            );
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let location: Location = "postgres://me:hunter2@localhost/a".parse().unwrap();
        let bad = "postgres://me:hunter2@localhost:port/a"
            .parse::<Location>()
            .unwrap_err();
        let other = "mysql://me:hunter2@localhost/a"
            .parse::<Location>()
            .unwrap_err();
        for text in [
            format!("{location} {location:?}"),
            format!("{bad} {bad:?}"),
            format!("{other} {other:?}"),
        ] {
            assert!(!text.contains("hunter2"), "{text}");
        }
        assert!("sqlite:".parse::<Location>().is_err());
    }
}
