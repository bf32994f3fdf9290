-- The policy's side: components, generations of policy sets, changes, and who
-- may authorize them. Digests are 64 hexadecimal digits.

CREATE TABLE components (
    digest      TEXT   COLLATE "C" PRIMARY KEY,
    bytes       BYTEA  NOT NULL,
    uploaded_us BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('uploaded', 'verified', 'rejected')),
    slot        TEXT   CHECK (slot IN ('alias-resolver', 'preference-dial', 'floor-clamp')),
    -- JSON: what the verification found.
    report      TEXT,
    -- The fuel that a call of it may burn, on the engine of this fingerprint.
    fuel_budget BIGINT,
    fingerprint TEXT
);

-- One row for each activation; the greatest number is the active one. A
-- rollback is a new generation with older digests.
CREATE TABLE generations (
    generation      BIGINT PRIMARY KEY CHECK (generation > 0),
    alias_resolver  TEXT   COLLATE "C" NOT NULL REFERENCES components (digest),
    preference_dial TEXT   COLLATE "C" NOT NULL REFERENCES components (digest),
    floor_clamp     TEXT   COLLATE "C" NOT NULL REFERENCES components (digest),
    activated_us    BIGINT NOT NULL,
    actor           TEXT   NOT NULL,
    kind            TEXT   NOT NULL CHECK (kind IN ('built-in', 'authorized', 'rolled_back')),
    change_id       BIGINT,
    -- The generation that this one replaced.
    base            BIGINT REFERENCES generations (generation)
);

CREATE TABLE changes (
    id              BIGINT PRIMARY KEY,
    base_generation BIGINT NOT NULL REFERENCES generations (generation),
    -- JSON: the new digest of each slot that changes.
    slots           TEXT   NOT NULL,
    -- JSON: what it would change; `report_hash` is over the part that repeats.
    report          TEXT   NOT NULL,
    report_hash     TEXT   NOT NULL,
    proposed_us     BIGINT NOT NULL,
    actor           TEXT   NOT NULL,
    state           TEXT   NOT NULL CHECK (state IN ('proposed', 'active', 'superseded'))
);

ALTER TABLE generations ADD FOREIGN KEY (change_id) REFERENCES changes (id);

CREATE TABLE founders (
    key_id      TEXT   COLLATE "C" PRIMARY KEY,
    public_key  TEXT   NOT NULL,
    enrolled_us BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    revoked_us  BIGINT
);

-- Signed envelopes that were accepted. A nonce serves once.
CREATE TABLE authorizations (
    nonce       TEXT   COLLATE "C" PRIMARY KEY,
    change_id   BIGINT NOT NULL REFERENCES changes (id),
    key_id      TEXT   NOT NULL,
    envelope    TEXT   NOT NULL,
    accepted_us BIGINT NOT NULL
);

CREATE INDEX authorizations_by_change ON authorizations (change_id);

CREATE TABLE gates (
    name       TEXT    COLLATE "C" PRIMARY KEY,
    open       BOOLEAN NOT NULL,
    changed_us BIGINT  NOT NULL,
    actor      TEXT    NOT NULL
);

-- Every version of the catalog that a decision may name. Never deleted.
CREATE TABLE catalog_versions (
    version BIGINT PRIMARY KEY CHECK (version > 0),
    at_us   BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    -- JSON.
    body    TEXT   NOT NULL,
    digest  TEXT   NOT NULL
);
