-- The ledger, in 1e-9 USD. Double entry: what a tenant paid in is available to
-- it, is held for calls that are open, or was charged. The record of a call is
-- its own journal entry, so that an entry is there exactly once:
-- `hold_nanousd` moves from available to held when the call opens, and when it
-- closes `charged_nanousd` moves from held to charged and the rest back.

-- Below which a tenant's available money may not fall is its negative; null is
-- no limit.
ALTER TABLE tenants ADD COLUMN credit_limit_nanousd INTEGER;
-- The most that a call of the agent may be estimated to cost; null is no limit.
ALTER TABLE agents ADD COLUMN call_cap_nanousd INTEGER;
-- The most that its calls of a UTC day may cost together.
ALTER TABLE agents ADD COLUMN day_cap_nanousd INTEGER;

-- What was held when it opened; null for a call that was not dispatched.
ALTER TABLE call_opened ADD COLUMN hold_nanousd INTEGER;
-- The caps that held: of the agent for each call, and for the day.
ALTER TABLE call_opened ADD COLUMN call_cap_nanousd INTEGER;
ALTER TABLE call_opened ADD COLUMN day_cap_nanousd INTEGER;
-- What was charged when it closed; null where nothing was.
ALTER TABLE call_closed ADD COLUMN charged_nanousd INTEGER;

-- The running balances, changed in the commit of what changes them. Of each
-- row, available + held + charged - paid_in is 0.
CREATE TABLE ledger_accounts (
    tenant            INTEGER PRIMARY KEY,
    available_nanousd INTEGER NOT NULL,
    held_nanousd      INTEGER NOT NULL,
    charged_nanousd   INTEGER NOT NULL,
    paid_in_nanousd   INTEGER NOT NULL
) STRICT;

-- What an agent's calls of a UTC day cost, and may still cost; `day` counts
-- from the Unix epoch.
CREATE TABLE ledger_days (
    agent           INTEGER NOT NULL,
    day             INTEGER NOT NULL,
    charged_nanousd INTEGER NOT NULL,
    held_nanousd    INTEGER NOT NULL,
    PRIMARY KEY (agent, day)
) STRICT, WITHOUT ROWID;

-- What was paid in; negative where it was paid back. `reference` makes a
-- top-up that is sent twice one.
CREATE TABLE ledger_top_ups (
    id             INTEGER PRIMARY KEY,
    at_us          INTEGER NOT NULL,
    tenant         INTEGER NOT NULL REFERENCES tenants (id),
    amount_nanousd INTEGER NOT NULL,
    reference      TEXT    NOT NULL,
    note           TEXT,
    actor          TEXT    NOT NULL,
    UNIQUE (tenant, reference)
) STRICT;

-- The journal: one row for each leg of an entry; the legs of an entry sum to 0.
-- `entry` is the key of the call, or the id of the top-up.
CREATE VIEW ledger_entries AS
SELECT key AS entry, 'hold' AS kind, at_us, tenant, 'available' AS account,
    -hold_nanousd AS amount_nanousd
FROM call_opened WHERE hold_nanousd IS NOT NULL
UNION ALL
SELECT key, 'hold', at_us, tenant, 'held', hold_nanousd
FROM call_opened WHERE hold_nanousd IS NOT NULL
UNION ALL
SELECT o.key, 'settlement', c.at_us, o.tenant, 'held', -o.hold_nanousd
FROM call_opened o JOIN call_closed c ON c.key = o.key WHERE o.hold_nanousd IS NOT NULL
UNION ALL
SELECT o.key, 'settlement', c.at_us, o.tenant, 'charged', coalesce(c.charged_nanousd, 0)
FROM call_opened o JOIN call_closed c ON c.key = o.key WHERE o.hold_nanousd IS NOT NULL
UNION ALL
SELECT o.key, 'settlement', c.at_us, o.tenant, 'available',
    o.hold_nanousd - coalesce(c.charged_nanousd, 0)
FROM call_opened o JOIN call_closed c ON c.key = o.key WHERE o.hold_nanousd IS NOT NULL
UNION ALL
SELECT id, 'top_up', at_us, tenant, 'paid_in', -amount_nanousd FROM ledger_top_ups
UNION ALL
SELECT id, 'top_up', at_us, tenant, 'available', amount_nanousd FROM ledger_top_ups;

-- One row for each call that was settled, or whose settlement nobody can tell.
CREATE VIEW receipts AS
SELECT
    o.key,
    printf('rcp_%016x', o.key) AS receipt_id,
    printf('inf_%016x', o.key) AS inference_id,
    printf('tnt_%016x', o.tenant) AS tenant_id,
    printf('agt_%016x', o.agent) AS agent_id,
    c.at_us AS settled_us,
    c.status,
    c.usage_source,
    o.hold_nanousd,
    coalesce(c.charged_nanousd, 0) AS charged_nanousd
FROM call_opened o JOIN call_closed c ON c.key = o.key
WHERE o.dispatched AND (c.charged_nanousd IS NOT NULL OR c.status = 'abandoned');
