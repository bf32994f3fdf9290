//! How a gateway is started.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{ADMIN_TOKEN, API_KEY, Catalog, DATABASE_URL, Gateway, PROVIDER_KEY, Timeouts, binary};
use crate::database::Database;
use crate::postgres;
use crate::wait::PATIENCE;

/// What a gateway is started with.
#[derive(Clone, Debug)]
pub struct Setup {
    env: Vec<(String, String)>,
    catalog: Option<String>,
    timeouts: Timeouts,
    config: String,
    bootstrap: bool,
    on: On,
}

/// Which database a gateway is started on.
#[derive(Clone, Debug)]
enum On {
    /// The file in its directory.
    Sqlite,
    /// A new one of the server that all tests share.
    Postgres,
    /// This one.
    This(Database),
}

impl On {
    /// What `AINFERA_TEST_DATABASE` says, `sqlite` or `postgres`; else SQLite.
    fn chosen() -> Self {
        match std::env::var("AINFERA_TEST_DATABASE").as_deref() {
            Err(_) | Ok("sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("AINFERA_TEST_DATABASE is sqlite or postgres, not {other}"),
        }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            env: Vec::new(),
            catalog: None,
            timeouts: Timeouts::default(),
            config: String::new(),
            bootstrap: true,
            on: On::chosen(),
        }
    }
}

impl Setup {
    /// The default start: the built-in catalog and a known key and admin token.
    pub fn new() -> Self {
        Self::default()
    }

    /// The default start on SQLite, whatever the run is on: for what concerns its file.
    pub fn sqlite() -> Self {
        Self {
            on: On::Sqlite,
            ..Self::default()
        }
    }

    /// The default start on PostgreSQL, whatever the run is on.
    pub fn postgres() -> Self {
        Self {
            on: On::Postgres,
            ..Self::default()
        }
    }

    /// Starts on this database, which others may be using too.
    pub fn database(mut self, database: &Database) -> Self {
        self.on = On::This(database.clone());
        self
    }

    /// Uses this catalog instead of the built-in one.
    pub fn catalog(mut self, catalog: &Catalog) -> Self {
        self.catalog = Some(catalog.text());
        self
    }

    /// Uses this catalog file's text, as it is.
    pub fn catalog_text(mut self, text: &str) -> Self {
        self.catalog = Some(text.to_owned());
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Opens the preference gate at first start.
    pub fn live(self) -> Self {
        self.env("AINFERA_ROUTING_PREFERENCE_LIVE", "1")
    }

    /// Changes the timeouts, which are generous otherwise.
    pub fn timeouts(mut self, change: impl FnOnce(&mut Timeouts)) -> Self {
        change(&mut self.timeouts);
        self
    }

    /// Appends lines to the main configuration file.
    pub fn config(mut self, toml: &str) -> Self {
        self.config.push_str(toml);
        self
    }

    /// Leaves key and token to the gateway, which makes and prints them.
    pub fn without_bootstrap(mut self) -> Self {
        self.bootstrap = false;
        self
    }

    /// Starts it and waits until it listens.
    pub async fn start(self) -> Gateway {
        let dir = Arc::new(TempDir::new().expect("a temporary directory"));
        let database = self.new_database(dir.path());
        Gateway::launch(self, dir, database).await
    }

    fn new_database(&self, dir: &Path) -> Database {
        match &self.on {
            On::Sqlite => Database::in_directory(&data(dir)),
            On::Postgres => Database::create(postgres::shared()),
            On::This(database) => database.clone(),
        }
    }

    /// Runs it until it exits by itself, as a start that is refused does.
    pub async fn refused(self) -> Output {
        let dir = TempDir::new().expect("a temporary directory");
        let database = self.new_database(dir.path());
        let mut command = self.command(dir.path(), &database);
        let run = tokio::task::spawn_blocking(move || {
            let mut child = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the binary to run");
            let deadline = Instant::now() + PATIENCE;
            while child.try_wait().expect("its status").is_none() {
                if Instant::now() > deadline {
                    let _ = child.kill();
                    panic!("it started, and should have refused to");
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            child.wait_with_output().expect("its output")
        });
        run.await.expect("a refused start")
    }

    pub(super) fn command(&self, dir: &Path, database: &Database) -> Command {
        let mut command = Command::new(binary());
        command.env_clear();
        for name in ["PATH", "HOME", "RUST_BACKTRACE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let mut config = String::new();
        if let Some(catalog) = &self.catalog {
            let path = dir.join("catalog.toml");
            std::fs::write(&path, catalog).expect("to write the catalog");
            config.push_str(&format!("catalog = {:?}\n", path.display().to_string()));
        }
        config.push_str(&self.config);
        config.push_str(&self.timeouts.toml());
        let path = dir.join("ainfera.toml");
        std::fs::write(&path, config).expect("to write the configuration");
        command
            .arg("serve")
            .env("AINFERA_CONFIG", &path)
            .env("AINFERA_DATA_DIR", data(dir))
            .env("AINFERA_LISTEN", "127.0.0.1:0")
            .env("AINFERA_ADMIN_LISTEN", "127.0.0.1:0")
            .env("TEST_PROVIDER_KEY", PROVIDER_KEY)
            .current_dir(dir);
        if self.bootstrap {
            command
                .env("AINFERA_BOOTSTRAP_API_KEY", API_KEY)
                .env("AINFERA_ADMIN_TOKEN", ADMIN_TOKEN);
        }
        if let Some(url) = database.url() {
            command.env(DATABASE_URL, url);
        }
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command
    }
}

/// The data directory of a gateway that was started in `dir`.
pub(super) fn data(dir: &Path) -> PathBuf {
    dir.join("data")
}
