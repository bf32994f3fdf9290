-- Who may do what: tokens of the admin API, beside the one of the first start.
CREATE TABLE admin_tokens (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL CHECK (role IN ('founder', 'operator', 'author', 'auditor')),
    -- SHA-256 of the token's text.
    hash       BLOB    NOT NULL UNIQUE,
    created_us INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    revoked_us INTEGER
) STRICT;

-- The audit names who acts by the name of the token.
CREATE UNIQUE INDEX admin_tokens_by_name ON admin_tokens (name) WHERE revoked_us IS NULL;

-- Policy sets that may not become active again. `generation` is the one that
-- was named when the set was revoked.
CREATE TABLE revoked_sets (
    alias_resolver  TEXT    NOT NULL,
    preference_dial TEXT    NOT NULL,
    floor_clamp     TEXT    NOT NULL,
    generation      INTEGER NOT NULL REFERENCES generations (generation),
    revoked_us      INTEGER NOT NULL,
    actor           TEXT    NOT NULL,
    PRIMARY KEY (alias_resolver, preference_dial, floor_clamp)
) STRICT, WITHOUT ROWID;

CREATE INDEX generations_by_base ON generations (base);

-- Signed envelopes about the founders' keys that were accepted. Those that say
-- the same have the same subject, a SHA-256; a nonce serves once.
CREATE TABLE founder_authorizations (
    nonce       TEXT    PRIMARY KEY,
    subject     TEXT    NOT NULL,
    envelope    TEXT    NOT NULL,
    accepted_us INTEGER NOT NULL
) STRICT;

CREATE INDEX founder_authorizations_by_subject ON founder_authorizations (subject);
