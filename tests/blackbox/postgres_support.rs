//! The PostgreSQL servers that tests are given.

use std::fs::DirEntry;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ainfera_tests::database::Database;
use ainfera_tests::postgres::Cluster;
use ainfera_tests::wait;
use serde_json::json;

fn table(database: &Database) {
    database.batch("CREATE TABLE t (key BIGINT PRIMARY KEY, note TEXT);");
}

fn count(database: &Database) -> i64 {
    let rows = database.query("SELECT count(*) AS count FROM t");
    rows[0]["count"].as_i64().expect("a number")
}

#[test]
fn a_killed_server_keeps_what_was_committed_and_comes_back_where_it_was() {
    let cluster = Cluster::start();
    let (one, other) = (cluster.database(), cluster.database());
    table(&one);
    table(&other);
    for key in 0..100 {
        one.execute(&format!("INSERT INTO t VALUES ({key}, 'n')"));
    }
    for _ in 0..2 {
        cluster.kill();
        cluster.resume();
        assert_eq!((count(&one), count(&other)), (100, 0));
    }
    cluster.freeze();
    let waiting = std::thread::spawn({
        let one = one.clone();
        move || count(&one)
    });
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(!waiting.is_finished(), "a frozen server does not answer");
    cluster.thaw();
    assert_eq!(waiting.join().expect("an answer"), 100);
    let folder = cluster.folder().to_owned();
    assert!(folder.is_dir());
    drop(cluster);
    assert!(!folder.exists());
}

#[test]
fn a_server_that_is_read_only_is_read() {
    let cluster = Cluster::start_with(&["fsync=on"]);
    let database = cluster.database();
    table(&database);
    let insert = || {
        let database = database.clone();
        std::thread::spawn(move || database.execute("INSERT INTO t VALUES (1, 'n')")).join()
    };
    cluster.read_only(true);
    assert!(insert().is_err());
    assert_eq!(count(&database), 0);
    cluster.read_only(false);
    assert_eq!(insert().expect("to write"), 1);
    assert_eq!(count(&database), 1);
}

/// The same statements, the same values.
#[test]
fn rows_of_both_databases_are_the_same() {
    let directory = tempfile::TempDir::new().expect("a directory");
    std::fs::write(directory.path().join("ainfera.db"), "").expect("to write");
    let sqlite = Database::in_directory(directory.path());
    let cluster = Cluster::start();
    for database in [&sqlite, &cluster.database()] {
        let blob = if database.is_postgres() {
            "BYTEA"
        } else {
            "BLOB"
        };
        database.batch(&format!(
            "CREATE TABLE t (key BIGINT PRIMARY KEY, note TEXT, hash {blob}, parent BIGINT REFERENCES t (key));"
        ));
        let bytes = database.bytes("00ff5c78");
        let insert = format!("INSERT INTO t VALUES (7, '\\x1''ä', {bytes}, 5)");
        assert_eq!(database.execute(&insert), 1, "no check of references");
        let secret = database.bytes(&ainfera_tests::records::hex(b"hidden"));
        database.batch(&format!(
            "INSERT INTO t VALUES (8, 'seen', {secret}, NULL); DELETE FROM t WHERE key = 9;"
        ));
        let rows = database.query(
            "SELECT key, note, hash, parent, key > 6 AS more, (SELECT sum(key) FROM t) AS total,
                    1.5 AS half FROM t ORDER BY key LIMIT 1",
        );
        let expected = json!([{
            "key": 7, "note": "\\x1'ä", "hash": "00ff5c78", "parent": 5, "more": 1,
            "total": 15, "half": 1.5,
        }]);
        assert_eq!(json!(rows), expected);
        assert!(database.holds("hidden") && database.holds("seen") && !database.holds("absent"));
        let before = database.contents();
        assert_eq!(database.contents(), before);
        let elsewhere = tempfile::TempDir::new().expect("a directory");
        let copy = database.copy(elsewhere.path());
        assert_eq!(copy.execute("UPDATE t SET note = 'x'"), 2);
        assert_ne!(copy.contents(), before);
        assert_eq!(database.contents(), before);
        database.take_away();
        let look = database.clone();
        let looked = std::thread::spawn(move || count(&look)).join();
        assert!(looked.is_err(), "there is none");
        database.put_back();
        assert_eq!(count(database), 2);
    }
}

#[tokio::test]
async fn a_server_ends_with_its_process_even_one_that_is_killed() {
    // It waits for the end of its input, which the end of this test is at the latest.
    let mut victim = Command::new(env!("CARGO_BIN_EXE_with-postgres"))
        .args(["sh", "-c", "echo $AINFERA_TEST_POSTGRES; cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("to start");
    let mut url = String::new();
    let mut said = BufReader::new(victim.stdout.take().expect("piped"));
    said.read_line(&mut url).expect("a URL");
    let database = Database::create(url.trim());
    let data = database.query("SHOW data_directory")[0]["data_directory"].clone();
    let data = PathBuf::from(data.as_str().expect("a path"));
    let processes = || {
        let all = std::fs::read_dir("/proc").expect("/proc");
        let cwd = |process: DirEntry| std::fs::read_link(process.path().join("cwd")).ok();
        all.filter_map(|process| cwd(process.ok()?))
            .filter(|cwd| *cwd == data)
            .count()
    };
    assert!(processes() > 1, "{}", processes());
    victim.kill().expect("to kill it");
    victim.wait().expect("its end");
    wait::until("the end of the server and its folder", || {
        let folder = data.parent().expect("a folder");
        (processes() == 0 && !folder.exists()).then_some(())
    })
    .await;
}

#[test]
fn with_postgres_exits_as_its_command_does() {
    let with = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_with-postgres"));
        command.args(words).stderr(Stdio::null());
        command.status().expect("to run").code()
    };
    assert_eq!(with(&["sh", "-c", "exit 42"]), Some(42));
    assert_eq!(with(&["no such program"]), Some(127));
    assert_eq!(with(&[]), Some(2));
}
