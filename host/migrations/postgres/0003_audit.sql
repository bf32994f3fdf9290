-- Microseconds since the Unix epoch, UTC.
CREATE VIEW clock AS SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT AS us;

-- The processes that wrote calls, one row for each start. A writer without
-- `ended_us` runs or was killed: its pending calls have keys after `first_key`,
-- which hold the last bits of its number.
CREATE TABLE writers (
    id         BIGINT PRIMARY KEY,
    started_us BIGINT NOT NULL,
    first_key  BIGINT NOT NULL,
    ended_us   BIGINT,
    -- When it was last seen, by the clock of the database.
    seen_us    BIGINT,
    -- From when on a writer that was not seen may write nothing more. Whoever
    -- has then closed its pending calls sets `ended_us`.
    expired_us BIGINT
);

-- Chain 0 is the control chain. Each writer has a chain of its own id, whose
-- first link continues from the last link of an earlier one.
CREATE TABLE audit_chains (
    chain          BIGINT PRIMARY KEY,
    kind           TEXT   NOT NULL CHECK (kind IN ('control', 'writer')),
    started_us     BIGINT NOT NULL,
    previous_chain BIGINT REFERENCES audit_chains (chain),
    previous_link  BYTEA  NOT NULL
);

INSERT INTO audit_chains (chain, kind, started_us, previous_chain, previous_link)
VALUES (0, 'control', 0, NULL, decode(repeat('00', 32), 'hex'));

-- `id` is the chain << 40 and the place in it, so that events are appended
-- where the last one was. `body` is canonical JSON (RFC 8785); `link` is the
-- SHA-256 of the previous link and the SHA-256 of `body`.
CREATE TABLE audit_log (
    id   BIGINT PRIMARY KEY,
    body TEXT   NOT NULL,
    link BYTEA  NOT NULL
);

-- All that is not in the log is read from it, so that no column can contradict
-- what the chain vouches for.
CREATE VIEW audit_events AS
SELECT
    id,
    id >> 40 AS chain,
    id & 1099511627775 AS seq,
    (body::json ->> 'at')::BIGINT AS at_us,
    body::json ->> 'event' AS event,
    body::json ->> 'tenant' AS tenant,
    body::json ->> 'agent' AS agent,
    body,
    link
FROM audit_log;

-- Signed statements of where the audit chains ended, so that events removed
-- from an end show. `envelope` is a DSSE envelope, JSON; its payload names the
-- heads and the checkpoint before.
CREATE TABLE audit_checkpoints (
    number   BIGINT PRIMARY KEY CHECK (number > 0),
    at_us    BIGINT NOT NULL,
    envelope TEXT   NOT NULL
);
