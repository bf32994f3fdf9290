-- The policy's side: components, generations of policy sets, changes, and who
-- may authorize them. Digests are 64 hexadecimal digits.

CREATE TABLE components (
    digest      TEXT    PRIMARY KEY,
    bytes       BLOB    NOT NULL,
    uploaded_us INTEGER NOT NULL,
    actor       TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('uploaded', 'verified', 'rejected')),
    slot        TEXT    CHECK (slot IN ('alias-resolver', 'preference-dial', 'floor-clamp')),
    -- JSON: what the verification found.
    report      TEXT,
    -- The fuel that a call of it may burn, on the engine of this fingerprint.
    fuel_budget INTEGER,
    fingerprint TEXT
) STRICT;

-- One row for each activation; the greatest number is the active one. A
-- rollback is a new generation with older digests.
CREATE TABLE generations (
    generation      INTEGER PRIMARY KEY CHECK (generation > 0),
    alias_resolver  TEXT    NOT NULL REFERENCES components (digest),
    preference_dial TEXT    NOT NULL REFERENCES components (digest),
    floor_clamp     TEXT    NOT NULL REFERENCES components (digest),
    activated_us    INTEGER NOT NULL,
    actor           TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('built-in', 'authorized', 'rolled_back')),
    change_id       INTEGER REFERENCES changes (id),
    -- The generation that this one replaced.
    base            INTEGER REFERENCES generations (generation)
) STRICT;

CREATE TABLE changes (
    id              INTEGER PRIMARY KEY,
    base_generation INTEGER NOT NULL REFERENCES generations (generation),
    -- JSON: the new digest of each slot that changes.
    slots           TEXT    NOT NULL,
    -- JSON: what it would change; `report_hash` is over the part that repeats.
    report          TEXT    NOT NULL,
    report_hash     TEXT    NOT NULL,
    proposed_us     INTEGER NOT NULL,
    actor           TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('proposed', 'active', 'superseded'))
) STRICT;

CREATE TABLE founders (
    key_id      TEXT    PRIMARY KEY,
    public_key  TEXT    NOT NULL,
    enrolled_us INTEGER NOT NULL,
    actor       TEXT    NOT NULL,
    revoked_us  INTEGER
) STRICT;

-- Signed envelopes that were accepted. A nonce serves once.
CREATE TABLE authorizations (
    nonce       TEXT    PRIMARY KEY,
    change_id   INTEGER NOT NULL REFERENCES changes (id),
    key_id      TEXT    NOT NULL,
    envelope    TEXT    NOT NULL,
    accepted_us INTEGER NOT NULL
) STRICT;

CREATE INDEX authorizations_by_change ON authorizations (change_id);

CREATE TABLE gates (
    name       TEXT    PRIMARY KEY,
    open       INTEGER NOT NULL CHECK (open IN (0, 1)),
    changed_us INTEGER NOT NULL,
    actor      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
