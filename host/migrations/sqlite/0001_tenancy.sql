-- Times are microseconds since the Unix epoch, UTC. Ids are the integers of
-- the prefixed texts. Decimals are text, so that their scale is kept.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    default_floor TEXT,
    created_us    INTEGER NOT NULL
) STRICT;

CREATE TABLE agents (
    id            INTEGER PRIMARY KEY,
    tenant        INTEGER NOT NULL REFERENCES tenants (id),
    name          TEXT    NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN ('active', 'suspended')),
    default_floor TEXT,
    created_us    INTEGER NOT NULL
) STRICT;

-- The key itself is never stored: `hash` is its SHA-256.
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY,
    agent      INTEGER NOT NULL REFERENCES agents (id),
    hash       BLOB    NOT NULL UNIQUE,
    created_us INTEGER NOT NULL,
    revoked_us INTEGER
) STRICT;
