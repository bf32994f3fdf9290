//! The statements. Each takes a whole batch, as an array for every column.

use std::sync::LazyLock;

use crate::record::rows::{CLOSED, EVENT, Kind, OPENED, Table};

/// Writes a batch: the rows, the events, the answers of idempotency keys and
/// the keys given back, and what accounts and days change by. All or, where the
/// writer (the first parameter) was taken for dead, nothing; answers whether it
/// was alive. Whoever takes it for dead changes its row, and so waits for the
/// end of the statement's transaction, or is seen by it.
///
/// The parameters are the columns in the order of the tables here; accounts come
/// before days, and both by number, in every statement that locks them: so two
/// writers never wait for each other.
pub(super) static WRITE: LazyLock<String> = LazyLock::new(|| {
    let mut next = Parameters(1);
    let table = |next: &mut Parameters, table: &Table| {
        let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
        let arrays = next.arrays(table.columns.iter().map(|(_, kind)| *kind));
        format!(
            "INSERT INTO {} ({}) SELECT t.* FROM alive, unnest({arrays}) AS t",
            table.name,
            names.join(", "),
        )
    };
    let opened = table(&mut next, &OPENED);
    let closed = table(&mut next, &CLOSED);
    let event = table(&mut next, &EVENT);
    let kept = next.arrays([Kind::Int, Kind::Text, Kind::Bytes]);
    let freed = next.arrays([Kind::Int]);
    let accounts = next.arrays([Kind::Int; 4]);
    let days = next.arrays([Kind::Int; 4]);
    format!(
        "WITH alive AS MATERIALIZED (
            SELECT 1 FROM writers
            WHERE id = $1::int8 AND ended_us IS NULL AND expired_us IS NULL FOR SHARE
        ), opened AS ({opened}), closed AS ({closed}), event AS ({event}), kept AS (
            UPDATE idempotency_keys k SET head = t.head, answer = t.answer
            FROM alive, unnest({kept}) AS t (call, head, answer) WHERE k.call = t.call
        ), freed AS (
            DELETE FROM idempotency_keys k USING alive WHERE k.call = ANY ({freed})
        ), account AS (
            INSERT INTO ledger_accounts AS a (tenant, available_nanousd, held_nanousd,
                charged_nanousd, paid_in_nanousd)
            SELECT t.*, 0 FROM alive, unnest({accounts}) AS t
            ON CONFLICT (tenant) DO UPDATE SET
                available_nanousd = a.available_nanousd + excluded.available_nanousd,
                held_nanousd = a.held_nanousd + excluded.held_nanousd,
                charged_nanousd = a.charged_nanousd + excluded.charged_nanousd
            RETURNING 1
        ), day AS (
            INSERT INTO ledger_days AS d (agent, day, charged_nanousd, held_nanousd)
            SELECT t.* FROM alive, unnest({days}) AS t
            ON CONFLICT (agent, day) DO UPDATE SET
                charged_nanousd = d.charged_nanousd + excluded.charged_nanousd,
                held_nanousd = d.held_nanousd + excluded.held_nanousd
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM alive) > 0, (SELECT count(*) FROM account),
            (SELECT count(*) FROM day)"
    )
});

/// What must be known before a batch is written, for the transaction that
/// writes it: takes idempotency keys that are free, locks and reads accounts and
/// days, and says which calls are there. Rows of a number and four values.
pub(super) const READ: &str = "WITH taken AS (
        INSERT INTO idempotency_keys AS k (scope, body, call, expires_us)
        SELECT t.* FROM unnest($1::bytea[], $2::bytea[], $3::int8[], $4::int8[]) AS t
        ON CONFLICT (scope) DO UPDATE SET body = excluded.body, call = excluded.call,
            expires_us = excluded.expires_us, head = NULL, answer = NULL
        WHERE k.expires_us <= $5::int8
        RETURNING k.call
    ), account AS (
        INSERT INTO ledger_accounts AS a (tenant, available_nanousd, held_nanousd,
            charged_nanousd, paid_in_nanousd)
        SELECT tenant, 0, 0, 0, 0 FROM unnest($6::int8[]) AS t (tenant)
        ON CONFLICT (tenant) DO UPDATE SET held_nanousd = a.held_nanousd
        RETURNING a.tenant, a.available_nanousd, a.held_nanousd, a.charged_nanousd
    ), day AS (
        INSERT INTO ledger_days AS d (agent, day, charged_nanousd, held_nanousd)
        SELECT agent, day, 0, 0 FROM unnest($7::int8[], $8::int8[]) AS t (agent, day)
        ON CONFLICT (agent, day) DO UPDATE SET held_nanousd = d.held_nanousd
        RETURNING d.agent, d.day, d.charged_nanousd, d.held_nanousd
    )
    SELECT 0::int8, call, 0::int8, 0::int8, 0::int8 FROM taken
    UNION ALL
    SELECT 1, tenant, available_nanousd, held_nanousd, charged_nanousd FROM account
    UNION ALL
    SELECT 2, agent, day, charged_nanousd, held_nanousd FROM day
    UNION ALL
    SELECT 3, key, 0, 0, 0 FROM call_opened WHERE key = ANY ($9::int8[])
    UNION ALL
    SELECT 4, key, 0, 0, 0 FROM call_closed WHERE key = ANY ($10::int8[])";

/// The end of the writer's chain.
pub(super) const HEAD: &str = "SELECT seq, link FROM (
        (SELECT id & 1099511627775 AS seq, link FROM audit_log WHERE id > $2 AND id < $3
         ORDER BY id DESC LIMIT 1)
        UNION ALL SELECT 0, previous_link FROM audit_chains WHERE chain = $1) AS t
    ORDER BY seq DESC LIMIT 1";

/// Says that the writer is there, or when it ended, unless it was taken for
/// dead.
pub(super) const BEAT: &str = "UPDATE writers
    SET seen_us = (SELECT us FROM clock), ended_us = $2::int8
    WHERE id = $1::int8 AND ended_us IS NULL AND expired_us IS NULL";

/// The first number of the locks by which a writer has one connection at a time.
pub(super) const CONNECTION_LOCK: i32 = 0x6169_6e66;

/// Ends the connection that has the lock: it may still be busy with what nobody
/// waits for any more.
pub(super) const UNLOCK: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND pid <> pg_backend_pid()
        AND classid::int8 = $1::int4 AND objid::int8 = $2::int4
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Waits until it has ended.
pub(super) const LOCK: &str = "SELECT pg_advisory_lock($1::int4, $2::int4)";

/// The parameters of a statement as they are named one after the other.
struct Parameters(usize);

impl Parameters {
    fn arrays(&mut self, kinds: impl IntoIterator<Item = Kind>) -> String {
        let arrays = kinds.into_iter().map(|kind| {
            self.0 += 1;
            format!("${}::{}", self.0, kind.array())
        });
        arrays.collect::<Vec<_>>().join(", ")
    }
}
