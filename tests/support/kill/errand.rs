//! What a caller sets out to do: one request, its course, and how often it is sent.

use std::time::Duration;

use serde_json::{Value, json};

use super::dice::Dice;
use crate::client::{Dialect, ask, streamed};
use crate::gateway::{Catalog, Offer};
use crate::upstream::Usage;

/// Providers that answer, one for each protocol, each with one model of its name.
const STEADY: [&str; 3] = ["messages", "chat", "responses"];
/// The provider that fails before the first event, and is the cheapest.
pub(super) const FLAKY: &str = "flaky";
const TARGETS: [&str; 4] = [
    "ainfera-inference",
    "ainfera-mithril",
    "ainfera-auto",
    "ainfera/auto",
];

/// In nano-dollars for a token, where the steady providers are called.
const INPUT: i64 = 1_000;
const CACHE_READ: i64 = 250;
const OUTPUT: i64 = 5_000;

/// One request of the driver, the same for the same seed and number.
#[derive(Clone, Debug)]
pub(super) struct Errand {
    pub(super) seed: u64,
    pub(super) number: u64,
    pub(super) dialect: Dialect,
    pub(super) stream: bool,
    /// None: pinned.
    pub(super) routed: Option<&'static str>,
    /// The provider that is to answer.
    pub(super) provider: &'static str,
    pub(super) course: Course,
    pub(super) tools: bool,
    pub(super) leaves: Option<Leaves>,
    pub(super) keyed: bool,
}

/// How the providers treat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// The first that is called answers.
    Answers,
    /// The first fails before its first event, the next answers.
    FallsBack,
    /// The provider breaks in the middle of its answer.
    Breaks,
    /// Every provider fails before its first event.
    Fails,
    /// No candidate is good enough.
    Rejected,
}

/// When a client leaves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaves {
    /// After so many events of a stream.
    Events(u64),
    /// After so long.
    Time(Duration),
}

impl Errand {
    pub(super) fn of(seed: u64, number: u64) -> Self {
        let mut dice = Dice::of(seed, "errand", number);
        let course = match dice.within(0..20) {
            0..11 => Course::Answers,
            11..14 => Course::FallsBack,
            14..17 => Course::Breaks,
            17..19 => Course::Fails,
            _ => Course::Rejected,
        };
        let only_routed = matches!(course, Course::FallsBack | Course::Rejected);
        let routed = (only_routed || !dice.one_in(3)).then(|| dice.pick(&TARGETS));
        let stream = dice.one_in(2);
        let leaves = dice.one_in(6).then(|| match stream {
            true => Leaves::Events(dice.within(0..6)),
            false => Leaves::Time(Duration::from_micros(dice.within(0..15_000))),
        });
        Self {
            seed,
            number,
            dialect: dice.pick(&Dialect::ALL),
            stream,
            routed,
            provider: match course {
                Course::Fails => FLAKY,
                _ => dice.pick(&STEADY),
            },
            course,
            tools: dice.one_in(4),
            leaves,
            keyed: dice.one_in(3),
        }
    }

    /// What the gateway is started with.
    pub(super) fn catalog(anthropic: &str, openai: &str) -> Catalog {
        let offer = |catalog: Catalog, name: &str, price: &str| {
            let offer = Offer::new(name, name, &upstream_model(name)).price(price);
            let offer = offer.line("cache_read_usd_per_mtok = \"0.25\"");
            catalog.model(name, "0.60").offer(offer)
        };
        let catalog = Catalog::new()
            .anthropic(FLAKY, anthropic)
            .anthropic("messages", anthropic)
            .openai("chat", openai)
            .responses("responses", openai);
        let catalog = offer(catalog, FLAKY, "0.5");
        STEADY
            .iter()
            .fold(catalog, |catalog, name| offer(catalog, name, "1"))
    }

    /// The body, in the errand's dialect.
    pub(super) fn body(&self) -> Value {
        let mut request = ask(self.routed.unwrap_or(self.provider), &self.prompt());
        if self.tools {
            request["tools"] = json!([{"name": "look", "description": "d",
                "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}}}]);
        }
        if self.routed.is_some() {
            request["routing_hint"] = match self.course {
                Course::Rejected => json!({"min_quality": "0.99"}),
                Course::FallsBack => json!({"allow_providers": [FLAKY, self.provider]}),
                _ => json!({"allow_providers": [self.provider]}),
            };
        }
        let mut body = streamed(&self.dialect.body(&request), self.stream);
        if self.dialect == Dialect::OpenAi && self.stream {
            body["stream_options"] = json!({"include_usage": true});
        }
        body
    }

    fn prompt(&self) -> String {
        format!("errand {}.", self.number)
    }

    /// The number of the errand that a provider is asked for.
    pub(super) fn number_in(body: &[u8]) -> u64 {
        let text = String::from_utf8_lossy(body);
        let number = text
            .split_once("errand ")
            .and_then(|(_, rest)| rest.split_once('.'));
        let number = number.and_then(|(number, _)| number.parse().ok());
        number.unwrap_or_else(|| panic!("no errand in {text}"))
    }

    /// What a whole answer says.
    pub(super) fn answer(&self) -> String {
        let number = self.number;
        format!("This is what there is to say to the request of number {number} and no other.")
    }

    /// What the provider reports for it: no two errands near each other the same.
    pub(super) fn usage(&self) -> Usage {
        Usage {
            input: 100 + self.number % 907,
            output: 10 + self.number % 89,
            cache_read: self.number % 7 * 10,
            cache_write: 0,
        }
    }

    /// What a whole answer costs, in nano-dollars.
    pub(super) fn cost(&self) -> i64 {
        let Usage {
            input,
            output,
            cache_read,
            ..
        } = self.usage();
        let of = |tokens: u64, price| i64::try_from(tokens).expect("few") * price;
        of(input, INPUT) + of(cache_read, CACHE_READ) + of(output, OUTPUT)
    }

    /// Names one attempt; recorded with its call.
    pub(super) fn session(&self, attempt: usize) -> String {
        format!("kill-{}-{attempt}", self.number)
    }

    /// The idempotency key.
    pub(super) fn key(&self) -> Option<String> {
        self.keyed
            .then(|| format!("kill-{:x}-{}", self.seed, self.number))
    }
}

/// What the offer of this model or provider is called upstream.
pub(super) fn upstream_model(name: &str) -> String {
    format!("up-{name}")
}
