//! The compiler's process and the code that it leaves: what an author's bytes
//! can do to the host, and what a changed file can.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Gateway, Setup, binary};
use ainfera_tests::{plugins, wait};
use serde_json::Value;

const TARGET: &str = "ainfera-inference";
const STEEP: &str = "preference-dial-steep";

/// SIGXCPU: the processor time is used up.
const OUT_OF_TIME: i32 = 24;

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(body.len()), body].concat()
}

/// A component around a core module with one function from i32 to i32.
fn component(code: &[u8]) -> Vec<u8> {
    let body = [&[0][..], code, &[0x20, 0, 0x0b]].concat();
    let bodies = [&leb(1)[..], &leb(body.len()), &body].concat();
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 1, 0x7f, 1, 0x7f]),
        section(3, &[1, 0]),
        section(10, &bodies),
    ];
    [&b"\0asm\x0d\0\x01\0"[..], &section(1, &module.concat())].concat()
}

/// Blocks in blocks, a branch out of each: the compiler's work grows with the
/// square of their number.
fn slow_bomb() -> Vec<u8> {
    let deep = 120_000;
    let blocks = [0x02, 0x40].repeat(deep);
    let branches = [0x20, 0, 0x0d, 0, 0x0b].repeat(deep);
    component(&[blocks, branches].concat())
}

/// Tables of 20,000 branches each: hundreds of MiB to a compiler.
fn hungry_bomb() -> Vec<u8> {
    let entries = 20_000;
    let mut table = vec![0x02, 0x40, 0x20, 0, 0x0e];
    table.extend(leb(entries));
    table.extend(vec![0; entries + 1]);
    table.push(0x0b);
    component(&table.repeat(50))
}

/// The processes that `pid` has started and that have not ended.
fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    tasks
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|line| {
            let pids = line.split_whitespace();
            pids.filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

fn field(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn reasons(body: &Value) -> String {
    body["error"]["reasons"].to_string()
}

#[tokio::test]
async fn a_compile_bomb_is_rejected_and_traffic_never_notices() {
    let gateway = Setup::new().start().await;
    let before = field(gateway.pid(), "VmHWM:").expect("a size");
    let admin = gateway.admin();
    let upload = admin.upload(hungry_bomb());
    let traffic = async {
        for _ in 0..20 {
            gateway.client().messages_ok(&ask(TARGET, "hi")).await;
        }
    };
    let (answer, ()) = tokio::join!(upload, traffic);
    assert_eq!(answer.status, 422, "{}", answer.text());
    let found = reasons(&answer.json());
    assert!(found.contains("compile_bomb"), "{found}");
    assert!(found.contains("768 MiB"), "names the limit: {found}");
    let after = field(gateway.pid(), "VmHWM:").expect("a size");
    assert!(
        after < before + (128 << 10),
        "the compiler's memory is not the gateway's: {before} KiB, then {after} KiB"
    );
}

#[tokio::test]
async fn a_compiler_ends_with_its_processor_time() {
    let mut compiler = Command::new(binary())
        .args(["compile-component", "--seconds", "1", "--memory"])
        .arg((4_u64 << 30).to_string())
        .args(["--parent", &std::process::id().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary to run");
    let mut stdin = compiler.stdin.take().expect("a pipe");
    stdin.write_all(&slow_bomb()).expect("it reads");
    drop(stdin);
    // Not for a time: on a busy machine a second of the processor is long.
    let ended = tokio::task::spawn_blocking(move || compiler.wait());
    let status = ended.await.expect("no panic").expect("its status");
    assert_eq!(status.signal(), Some(OUT_OF_TIME));
}

#[tokio::test]
async fn a_compiler_dies_with_its_gateway() {
    let gateway = Setup::new().start().await;
    let pid = gateway.pid();
    let admin = gateway.admin();
    // Again and again: each compiler ends with its time too.
    let upload =
        tokio::spawn(async move { while admin.try_upload(slow_bomb()).await.is_some() {} });
    let compiler = wait::until("a compiler", || children(pid).first().copied()).await;
    gateway.client().messages_ok(&ask(TARGET, "hi")).await;
    gateway.kill();
    wait::until("the compiler to be gone", || {
        // Its number may live on for a moment as a zombie's.
        field(compiler, "VmSize:").is_none().then_some(())
    })
    .await;
    upload.abort();
}

#[tokio::test]
async fn no_compiler_works_for_a_stranger() {
    // Its parent is this test, not process 1.
    let output = Command::new(binary())
        .args(["compile-component", "--seconds", "1", "--memory"])
        .args(["1073741824", "--parent", "1"])
        .stdin(Stdio::null())
        .output()
        .expect("the binary to run");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn memory_stays_flat_over_many_compiles() {
    let gateway = Setup::new().start().await;
    let admin = gateway.admin();
    let mut resident = Vec::new();
    for round in 0..40_usize {
        // Long enough to show where it stays, another each time.
        let code = [0x41, (round % 64) as u8, 0x1a].repeat(20_000);
        let answer = admin.upload(component(&code)).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        resident.push(field(gateway.pid(), "VmRSS:").expect("a size"));
    }
    let (warm, end) = (resident[9], resident[39]);
    assert!(end < warm + (16 << 10), "KiB: {resident:?}");
    assert!(children(gateway.pid()).is_empty());
}

/// A gateway whose log tells what was compiled.
async fn telling() -> Gateway {
    let setup = Setup::new().env("RUST_LOG", "warn,ainfera=info,ainfera::policy=debug");
    setup.start().await
}

/// Its log gets to have `word` so often, and has it no more often. What it logs is
/// read a moment later.
async fn logged(gateway: &Gateway, word: &str, count: usize) {
    let found = || gateway.log().matches(word).count();
    wait::until(&format!("{count} of {word}"), || {
        (found() >= count).then_some(())
    })
    .await;
    assert_eq!(found(), count, "{word}");
}

/// The files of kept code.
fn kept(gateway: &Gateway) -> Vec<PathBuf> {
    let folder = gateway.data_dir().join("compiled");
    let files = fs::read_dir(folder).expect("the folder");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.retain(|file| file.file_name().is_some_and(|name| name != "key"));
    files.sort();
    files
}

#[tokio::test]
async fn a_restart_compiles_nothing_that_is_kept() {
    let gateway = telling().await;
    gateway.admin().upload_ok(plugins::dist(STEEP)).await;
    logged(&gateway, "policy_compiled", 4).await;
    assert_eq!(kept(&gateway).len(), 4);
    let gateway = gateway.restart().await;
    gateway.client().messages_ok(&ask(TARGET, "hi")).await;
    logged(&gateway, "policy_code_from_cache", 3).await;
    logged(&gateway, "policy_compiled", 0).await;
}

#[tokio::test]
async fn changed_code_is_never_loaded() {
    type Tamper = fn(&[PathBuf]);
    let ways: [(&str, usize, Tamper); 4] = [
        ("a byte flipped", 1, |files| {
            let mut bytes = fs::read(&files[0]).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(&files[0], bytes).unwrap();
        }),
        ("two swapped", 2, |files| {
            let aside = files[0].with_extension("aside");
            fs::rename(&files[0], &aside).unwrap();
            fs::rename(&files[1], &files[0]).unwrap();
            fs::rename(&aside, &files[1]).unwrap();
        }),
        ("one cut short", 1, |files| {
            let bytes = fs::read(&files[2]).unwrap();
            fs::write(&files[2], &bytes[..bytes.len() - 1]).unwrap();
        }),
        ("another key", 3, |files| {
            let key = files[0].with_file_name("key");
            fs::write(key, [7; 64]).unwrap();
        }),
    ];
    let mut gateway = telling().await;
    for (what, count, tamper) in ways {
        println!("{what}");
        gateway.kill();
        tamper(&kept(&gateway));
        gateway = gateway.restart().await;
        gateway.client().messages_ok(&ask(TARGET, "hi")).await;
        logged(&gateway, "policy_code_refused", count).await;
        logged(&gateway, "policy_compiled", count).await;
        // What was compiled again is kept again.
        gateway = gateway.restart().await;
        logged(&gateway, "policy_code_from_cache", 3).await;
        logged(&gateway, "policy_compiled", 0).await;
    }
}

#[tokio::test]
async fn precompiled_code_is_refused_as_such() {
    let gateway = Setup::new().start().await;
    let code = fs::read(&kept(&gateway)[0]).expect("the file");
    let answer = gateway.admin().upload(code).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let found = reasons(&answer.json());
    assert!(found.contains("precompiled code"), "{found}");
}

#[tokio::test]
async fn a_rejected_component_leaves_no_code() {
    let gateway = Setup::new().start().await;
    let before = kept(&gateway);
    let answer = gateway.admin().upload(plugins::hostile("lever-lies")).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(kept(&gateway), before);
}

#[tokio::test]
async fn an_operator_may_take_lean_components_alone() {
    let lean = "[plugins.interpreted]\nenabled = false\n";
    let gateway = Setup::new().config(lean).start().await;
    let mut large = b"\0asm\x0d\0\x01\0".to_vec();
    large.resize((1 << 20) + 1, 0);
    let answer = gateway.admin().upload(large).await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert!(answer.text().contains("1048576"), "{}", answer.text());
}
