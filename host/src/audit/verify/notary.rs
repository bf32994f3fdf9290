//! Looks at the checkpoints one by one, and takes their word.

use super::anchors::{Anchors, Source};
use super::fault::{Fault, Problem};
use crate::audit::checkpoint::{Checkpoint, NotOne};
use crate::audit::line;
use crate::lifecycle::keys::FounderKey;
use crate::record::audit::Head;
use crate::store::Digest;

/// What was seen of the checkpoints.
#[derive(Debug, Default)]
pub(super) struct Notary {
    /// The number of the last one.
    pub(super) last: i64,
    /// How many there are.
    pub(super) count: u64,
    /// The digest of the last one's payload; none where it could not be read.
    previous: Option<Digest>,
    unread: bool,
}

impl Notary {
    /// The next one: what is wrong with it, and what it vouches for.
    pub(super) fn take(
        &mut self,
        line: &line::Checkpoint,
        keys: &[FounderKey],
        anchors: &mut Anchors,
    ) -> Vec<Problem> {
        let number = line.number;
        let mut problems = Vec::new();
        let mut wrong = |fault, message: String| problems.push(problem(number, fault, &message));
        if number != self.last + 1 {
            let first = self.last + 1;
            wrong(
                "removed",
                format!("those from {first} to before it are missing"),
            );
            self.unread = true;
        }
        self.count += 1;
        self.last = number;
        if keys.is_empty() {
            let message = "there is no key to verify it by; name the host's public key with --key";
            wrong("unverified", message.to_owned());
            return problems;
        }
        match Checkpoint::open(&line.envelope, keys) {
            Err(NotOne::Form(why)) => {
                self.unread = true;
                wrong("unverified", why);
            }
            Err(why) => {
                self.unread = true;
                wrong("forged", why.to_string());
            }
            Ok((checkpoint, digest)) => {
                let continues = self.unread || checkpoint.previous == self.previous;
                if checkpoint.number != number || !continues {
                    wrong(
                        "swapped",
                        "what was signed has another number, or follows another".to_owned(),
                    );
                }
                self.previous = Some(digest);
                self.unread = false;
                for head in checkpoint.heads {
                    let (chain, seq) = (head.chain, head.seq);
                    let head = Head {
                        seq,
                        link: head.link,
                    };
                    let source = Source::Checkpoint(number);
                    if !anchors.add(chain, head, source) {
                        let by = source.name();
                        problems.push(Fault::Rewritten { by }.at(chain, seq));
                    }
                }
            }
        }
        problems
    }
}

fn problem(number: i64, fault: &'static str, message: &str) -> Problem {
    Problem {
        chain: None,
        seq: None,
        checkpoint: Some(number),
        fault,
        message: format!("audit checkpoint {number} is {fault}: {message}"),
    }
}
