//! The fuzz targets on the corpus, and on a bounded number of its mutations:
//! the same ones in every run. `tests/fuzz/run` looks further.

use std::path::{Path, PathBuf};

use ainfera::dialect;

#[path = "../fuzz/targets.rs"]
mod targets;

use targets::TARGETS;

/// Mutations of every file, for every target.
const MUTATIONS: u64 = 40;

/// Whole files, cut in several ways.
const CUTS: [u8; 4] = [0, 1, 6, 60];

#[test]
fn the_corpus_holds() {
    for (name, target) in TARGETS {
        for (path, input) in corpus() {
            for cut in CUTS {
                check(name, target, &path, &[&[cut], &input[..]].concat());
            }
        }
    }
}

#[test]
fn mutations_of_the_corpus_hold() {
    let corpus = corpus();
    for (name, target) in TARGETS {
        for (index, (path, input)) in corpus.iter().enumerate() {
            for round in 0..MUTATIONS {
                let mut random = Random::new(round << 16 | index as u64);
                let (_, other) = &corpus[random.below(corpus.len())];
                check(name, target, path, &mutated(input, other, &mut random));
            }
        }
    }
}

/// Runs a target, and names the input that it fails on.
fn check(name: &str, target: fn(&[u8]), path: &Path, input: &[u8]) {
    let run = std::panic::catch_unwind(|| target(input));
    assert!(
        run.is_ok(),
        "{name} fails on a form of {}: {:?}",
        path.display(),
        String::from_utf8_lossy(input)
    );
}

/// Every file of the corpus.
fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut files = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the corpus") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("a file of the corpus");
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    assert!(files.len() >= 20, "the corpus is there");
    files
}

/// A few changes to `input`: bytes set, pieces cut out, doubled, or put in from
/// `other`, and the end cut off.
fn mutated(input: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    const ODD: &[u8] = b"\0\n\r\"\\{}[]:,\xff\xf0dte0\x20";
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let until = (at + random.below(24)).min(bytes.len());
        match random.below(5) {
            0 if at < bytes.len() => bytes[at] = ODD[random.below(ODD.len())],
            1 => drop(bytes.drain(at..until)),
            2 => {
                let piece = bytes[at..until].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let from = random.below(other.len() + 1);
                let piece = &other[from..(from + random.below(200)).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ if random.below(3) == 0 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes.insert(0, random.below(256) as u8);
    bytes
}

/// SplitMix64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound.max(1)
    }
}
