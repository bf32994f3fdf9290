//! The answers and streams of the hosts of Chat Completions.

use super::story::{Story, Told, streamed, used};
use super::{fixture, venues};
use crate::catalog::Protocol;
use crate::dialect::openai::{answer, relay};

const STORIES: [Story; 9] = [
    Story {
        venue: "openai",
        upstream_id: "chatcmpl-DkP3v8sT1",
        thinks: false,
        signature: None,
        speaks: false,
        calls: ["call_Zx81pQ", "call_m0T4aa"],
        usage: used(56, 46, Some(64)),
    },
    Story {
        venue: "gemini",
        upstream_id: "Kw1GaY6Mev2",
        thinks: true,
        signature: None,
        speaks: false,
        calls: ["jm4owj31", "p0x2k77a"],
        // 31 of the 172 are no thoughts.
        usage: used(88, 172, None),
    },
    Story {
        venue: "mistral",
        upstream_id: "ef80a8a61a2c4d0e",
        thinks: true,
        signature: None,
        speaks: true,
        calls: ["gSIMJiOkT", "D681PevKs"],
        usage: used(63, 46, Some(32)),
    },
    Story {
        venue: "xai",
        upstream_id: "de9d896d-e946-b3a7",
        thinks: true,
        signature: None,
        speaks: false,
        calls: ["call_55117580", "call_93562515"],
        // 26 of the 192 are no thoughts.
        usage: used(18, 192, Some(192)),
    },
    Story {
        venue: "together",
        upstream_id: "okkMWqL-2kFHot-a023f60e",
        thinks: true,
        signature: None,
        speaks: true,
        calls: ["call_fsxq2jkt", "call_fzf3wdaa"],
        usage: used(114, 52, Some(16)),
    },
    Story {
        venue: "groq",
        upstream_id: "chatcmpl-b610d559-f156",
        thinks: true,
        signature: None,
        speaks: false,
        calls: ["fc_ax9fskhe", "fc_tk85n1k4"],
        usage: used(12, 57, Some(128)),
    },
    Story {
        venue: "deepinfra",
        upstream_id: "chatcmpl-guMTxWgpFf",
        thinks: true,
        signature: None,
        speaks: true,
        calls: ["call_X0xYqdnoUonPJpQ6HEadxLHE", "call_u1PmcsEGdMQ3ab7bLkX0"],
        usage: used(150, 61, None),
    },
    Story {
        venue: "fireworks",
        upstream_id: "5174cee5-3534-4bbf",
        thinks: true,
        signature: None,
        speaks: false,
        calls: ["call_7AFNiVjzqB", "call_ePDXZt1xGr"],
        usage: used(64, 54, Some(96)),
    },
    Story {
        venue: "novita",
        upstream_id: "f2ee1aa1f2a94c1f",
        thinks: true,
        signature: None,
        speaks: true,
        calls: ["call_00_yKq3", "call_01_Zp8d"],
        usage: used(170, 49, Some(0)),
    },
];

#[test]
fn every_venue_is_here() {
    let mut here = STORIES.map(|story| story.venue.to_owned()).to_vec();
    here.sort();
    assert_eq!(venues(Protocol::OpenaiChat), here);
}

#[test]
fn answers_are_read() {
    for story in STORIES {
        let answer = answer::to_common(&fixture(story.venue, "answer.json")).unwrap();
        assert_eq!(Told::from(answer), story.told(), "{}", story.venue);
    }
}

#[test]
fn streams_are_read() {
    for story in STORIES {
        let stream = fixture(story.venue, "stream.sse");
        for size in [stream.len(), 1] {
            let told = streamed(relay::translated(), &stream, size);
            assert_eq!(told, story.told(), "{}", story.venue);
        }
    }
}
