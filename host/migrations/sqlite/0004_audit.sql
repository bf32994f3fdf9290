-- The processes that wrote calls, one row for each start. A writer without
-- `ended_us` was killed (or is running): its pending calls have keys after
-- `first_key`.
CREATE TABLE writers (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    started_us INTEGER NOT NULL,
    first_key  INTEGER NOT NULL,
    ended_us   INTEGER
) STRICT;

-- Chain 0 is the control chain. Each writer has a chain of its own id, whose
-- first link continues from the last link of an earlier one.
CREATE TABLE audit_chains (
    chain          INTEGER PRIMARY KEY,
    kind           TEXT    NOT NULL CHECK (kind IN ('control', 'writer')),
    started_us     INTEGER NOT NULL,
    previous_chain INTEGER REFERENCES audit_chains (chain),
    previous_link  BLOB    NOT NULL
) STRICT;

INSERT INTO audit_chains (chain, kind, started_us, previous_chain, previous_link)
VALUES (0, 'control', 0, NULL, zeroblob(32));

-- `id` is the chain << 40 and the place in it, so that events are appended
-- where the last one was. `body` is canonical JSON (RFC 8785); `link` is the
-- SHA-256 of the previous link and the SHA-256 of `body`.
CREATE TABLE audit_log (
    id   INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    link BLOB NOT NULL
);

-- All that is not in the log is read from it, so that no column can contradict
-- what the chain vouches for.
CREATE VIEW audit_events AS
SELECT
    id,
    id >> 40 AS chain,
    id & 0xffffffffff AS seq,
    body ->> '$.at' AS at_us,
    body ->> '$.event' AS event,
    body ->> '$.tenant' AS tenant,
    body ->> '$.agent' AS agent,
    body,
    link
FROM audit_log;
