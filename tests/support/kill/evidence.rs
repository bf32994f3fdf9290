//! All that is known after a run: from the provider, the clients and the records.

use std::collections::{BTreeMap, HashMap};
use std::process::Output;

use serde_json::Value;

use super::attempt::Attempt;
use super::errand::Errand;
use super::venue::Served;
use crate::gateway::Gateway;
use crate::records::{Records, Row, parse};

/// What invariants are held against.
pub(super) struct Evidence {
    pub(super) seed: u64,
    /// Whether the database's server was killed too.
    pub(super) outages: bool,
    /// How many payments were acknowledged.
    pub(super) payments: usize,
    /// What the provider saw.
    pub(super) served: Vec<Served>,
    /// What the clients saw.
    pub(super) attempts: Vec<Attempt>,
    /// Each scrape of the two capture counters.
    pub(super) scrapes: Vec<[Option<f64>; 2]>,
    /// `call_opened` and `call_closed`, by key.
    pub(super) calls: BTreeMap<i64, Call>,
    /// Keys of `call_closed` without an opened row.
    pub(super) orphans: Vec<i64>,
    /// Key and status of each row of `routing_outcomes`.
    pub(super) outcomes: Vec<(i64, String)>,
    /// The keys of `inferences`.
    pub(super) inferences: Vec<i64>,
    /// The requests of each `inference.routed`.
    pub(super) routed: Vec<Value>,
    /// The data of each `inference.completed`.
    pub(super) completed: Vec<Value>,
    /// Available, held, charged and paid in of each tenant.
    pub(super) accounts: Vec<[i64; 4]>,
    /// Charged and held of each agent's days.
    pub(super) days: Vec<[i64; 2]>,
    /// Each amount that was paid in.
    pub(super) paid: Vec<i64>,
    /// The keys of `receipts`, in order.
    pub(super) receipts: Vec<i64>,
    /// How many `ledger.topped_up` there are.
    pub(super) topped_up: usize,
    /// The commands that verify, and what they said.
    pub(super) commands: Vec<(&'static str, Output)>,
}

/// A call on record.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) key: i64,
    pub(super) session: String,
    pub(super) router: String,
    pub(super) route: String,
    pub(super) stream: bool,
    pub(super) dispatched: bool,
    /// Held, in nano-dollars.
    pub(super) hold: Option<i64>,
    pub(super) closed: Option<Closed>,
}

/// Its end.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) status: String,
    pub(super) tokens: [Option<i64>; 3],
    pub(super) usage: Option<String>,
    pub(super) cost: Option<i64>,
    pub(super) charged: Option<i64>,
    /// The providers that were called, none where nobody knows.
    pub(super) called: Option<Vec<String>>,
    pub(super) upstream_id: Option<String>,
}

impl Evidence {
    /// Collects what the gateway, which has nothing to do any more, has on record.
    pub(super) async fn collect(
        gateway: &Gateway,
        (seed, outages, payments): (u64, bool, usize),
        served: Vec<Served>,
        attempts: Vec<Attempt>,
        scrapes: Vec<[Option<f64>; 2]>,
    ) -> Self {
        let records = gateway.records();
        let (calls, orphans) = calls(&records);
        let mut commands = Vec::new();
        for args in ["audit verify", "decisions verify", "ledger verify"] {
            let words: Vec<&str> = args.split(' ').collect();
            commands.push((args, gateway.cli(&words).await));
        }
        Self {
            seed,
            outages,
            payments,
            served,
            attempts,
            scrapes,
            calls,
            orphans,
            outcomes: records
                .query("SELECT key, outcome_status FROM routing_outcomes")
                .iter()
                .map(|row| {
                    (
                        int(row, "key"),
                        text(row, "outcome_status").unwrap_or_default(),
                    )
                })
                .collect(),
            inferences: column(&records, "key", "inferences"),
            accounts: records
                .query("SELECT * FROM ledger_accounts")
                .iter()
                .map(|row| ["available", "held", "charged", "paid_in"].map(|of| money(row, of)))
                .collect(),
            days: records
                .query("SELECT * FROM ledger_days")
                .iter()
                .map(|row| ["charged", "held"].map(|of| money(row, of)))
                .collect(),
            paid: column(&records, "amount_nanousd", "ledger_top_ups"),
            receipts: column(&records, "key", "receipts"),
            routed: records.audit("inference.routed"),
            completed: records.audit("inference.completed"),
            topped_up: records.audit("ledger.topped_up").len(),
            commands,
        }
    }

    /// The errand of this number.
    pub(super) fn errand(&self, number: u64) -> Errand {
        Errand::of(self.seed, number)
    }

    /// The calls of each session.
    pub(super) fn by_session(&self) -> HashMap<&str, Vec<&Call>> {
        let mut sessions: HashMap<&str, Vec<&Call>> = HashMap::new();
        for call in self.calls.values() {
            sessions.entry(&call.session).or_default().push(call);
        }
        sessions
    }

    /// The calls of each errand, in the order in which they were opened.
    pub(super) fn by_errand(&self) -> BTreeMap<u64, Vec<&Call>> {
        let mut errands: BTreeMap<u64, Vec<&Call>> = BTreeMap::new();
        for call in self.calls.values() {
            errands.entry(call.errand()).or_default().push(call);
        }
        errands
    }

    /// How many calls ended so; `pending` is no end.
    pub(super) fn statuses(&self) -> BTreeMap<&str, usize> {
        let mut statuses = BTreeMap::new();
        for call in self.calls.values() {
            *statuses.entry(call.status()).or_default() += 1;
        }
        statuses
    }
}

impl Call {
    /// How it ended.
    pub(super) fn status(&self) -> &str {
        self.closed
            .as_ref()
            .map_or("pending", |closed| &closed.status)
    }

    /// Its `request-id`.
    pub(super) fn request_id(&self) -> String {
        format!("req_{:016x}", self.key)
    }

    /// The errand that its session names; one that nobody ran where it names none.
    pub(super) fn errand(&self) -> u64 {
        let number = self.session.split('-').nth(1);
        number.and_then(|n| n.parse().ok()).unwrap_or(u64::MAX)
    }
}

fn calls(records: &Records) -> (BTreeMap<i64, Call>, Vec<i64>) {
    let opened = records.query(
        "SELECT key, client_session, router, route, stream, dispatched, hold_nanousd
         FROM call_opened",
    );
    let mut calls: BTreeMap<i64, Call> = opened
        .iter()
        .map(|row| {
            let call = Call {
                key: int(row, "key"),
                session: text(row, "client_session").unwrap_or_default(),
                router: text(row, "router").unwrap_or_default(),
                route: text(row, "route").unwrap_or_default(),
                stream: flag(row, "stream"),
                dispatched: flag(row, "dispatched"),
                hold: row["hold_nanousd"].as_i64(),
                closed: None,
            };
            (call.key, call)
        })
        .collect();
    let mut orphans = Vec::new();
    let closed = records.query(
        "SELECT key, status, attempts, input_tokens, output_tokens, cache_read_tokens,
                usage_source, cost_nanousd, charged_nanousd, upstream_request_id FROM call_closed",
    );
    for row in closed {
        match calls.get_mut(&int(&row, "key")) {
            Some(call) => call.closed = Some(Closed::of(&row)),
            None => orphans.push(int(&row, "key")),
        }
    }
    (calls, orphans)
}

impl Closed {
    fn of(row: &Row) -> Self {
        let status = text(row, "status").unwrap_or_default();
        let tokens = ["input_tokens", "output_tokens", "cache_read_tokens"];
        Self {
            tokens: tokens.map(|name| row[name].as_i64()),
            usage: text(row, "usage_source"),
            cost: row["cost_nanousd"].as_i64(),
            charged: row["charged_nanousd"].as_i64(),
            called: called(&row["attempts"], &status),
            upstream_id: text(row, "upstream_request_id"),
            status,
        }
    }
}

/// The models that a closed row says were called; nobody knows where the process
/// was killed, or a client left before an attempt had come to something.
fn called(attempts: &Value, status: &str) -> Option<Vec<String>> {
    if matches!(status, "abandoned" | "cancelled") {
        return None;
    }
    if attempts.is_null() {
        return Some(Vec::new());
    }
    let attempts = parse(attempts);
    let called = attempts.as_array().into_iter().flatten().map(|attempt| {
        let offer = attempt["offer"].as_str().unwrap_or_default();
        let model = offer.split('@').next().unwrap_or(offer);
        super::errand::upstream_model(model)
    });
    Some(called.collect())
}

/// A column of a table, in order.
fn column(records: &Records, name: &str, table: &str) -> Vec<i64> {
    let sql = format!("SELECT {name} FROM {table} ORDER BY {name}");
    let rows = records.query(&sql);
    rows.iter().map(|row| int(row, name)).collect()
}

fn money(row: &Row, of: &str) -> i64 {
    int(row, &format!("{of}_nanousd"))
}

fn int(row: &Row, name: &str) -> i64 {
    row[name]
        .as_i64()
        .unwrap_or_else(|| panic!("no {name} in {row:?}"))
}

fn text(row: &Row, name: &str) -> Option<String> {
    row[name].as_str().map(str::to_owned)
}

/// Of either database.
fn flag(row: &Row, name: &str) -> bool {
    row[name] == 1 || row[name] == true
}
