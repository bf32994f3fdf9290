-- The schema of ../sqlite, in PostgreSQL's types: the same tables, views,
-- columns, and values.
--
-- Migrations only go forward, and replicas of two versions may run at once: a
-- change that breaks the older one is made in two releases. The first adds
-- (expand), the second removes what nobody uses any more (contract).
--
-- Times are microseconds since the Unix epoch, UTC. Ids are the integers of
-- the prefixed texts. Decimals are text, so that their scale is kept. Texts
-- that are sorted by are COLLATE "C": by their bytes, as in SQLite.

CREATE TABLE settings (
    name  TEXT  PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE tenants (
    id            BIGINT PRIMARY KEY,
    name          TEXT   NOT NULL,
    default_floor TEXT,
    created_us    BIGINT NOT NULL
);

CREATE TABLE agents (
    id             BIGINT PRIMARY KEY,
    tenant         BIGINT NOT NULL REFERENCES tenants (id),
    name           TEXT   NOT NULL,
    status         TEXT   NOT NULL CHECK (status IN ('active', 'suspended')),
    default_floor  TEXT,
    created_us     BIGINT NOT NULL,
    -- JSON: the slugs and offer ids that the agent may be given; null is all.
    allowed_models TEXT
);

-- The key itself is never stored: `hash` is its SHA-256.
CREATE TABLE api_keys (
    id                  BIGINT PRIMARY KEY,
    agent               BIGINT NOT NULL REFERENCES agents (id),
    hash                BYTEA  NOT NULL UNIQUE,
    created_us          BIGINT NOT NULL,
    revoked_us          BIGINT,
    -- The first characters of a key that the gateway made, to tell keys apart.
    prefix              TEXT,
    -- From when on a key that was replaced opens nothing any more.
    expires_us          BIGINT,
    -- How often the key may call, where that is not what the configuration says.
    requests_per_minute BIGINT,
    burst               BIGINT
);

CREATE INDEX api_keys_by_agent ON api_keys (agent);
