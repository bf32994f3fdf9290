-- Who may do what: tokens of the admin API, beside the one of the first start.
CREATE TABLE admin_tokens (
    id         BIGINT PRIMARY KEY,
    name       TEXT   NOT NULL,
    role       TEXT   NOT NULL CHECK (role IN ('founder', 'operator', 'author', 'auditor')),
    -- SHA-256 of the token's text.
    hash       BYTEA  NOT NULL UNIQUE,
    created_us BIGINT NOT NULL,
    actor      TEXT   NOT NULL,
    revoked_us BIGINT
);

-- The audit names who acts by the name of the token.
CREATE UNIQUE INDEX admin_tokens_by_name ON admin_tokens (name) WHERE revoked_us IS NULL;

-- Policy sets that may not become active again. `generation` is the one that
-- was named when the set was revoked.
CREATE TABLE revoked_sets (
    alias_resolver  TEXT   COLLATE "C" NOT NULL,
    preference_dial TEXT   COLLATE "C" NOT NULL,
    floor_clamp     TEXT   COLLATE "C" NOT NULL,
    generation      BIGINT NOT NULL REFERENCES generations (generation),
    revoked_us      BIGINT NOT NULL,
    actor           TEXT   NOT NULL,
    PRIMARY KEY (alias_resolver, preference_dial, floor_clamp)
);

CREATE INDEX generations_by_base ON generations (base);

-- Signed envelopes about the founders' keys that were accepted. Those that say
-- the same have the same subject, a SHA-256; a nonce serves once.
CREATE TABLE founder_authorizations (
    nonce       TEXT   COLLATE "C" PRIMARY KEY,
    subject     TEXT   COLLATE "C" NOT NULL,
    envelope    TEXT   NOT NULL,
    accepted_us BIGINT NOT NULL
);

CREATE INDEX founder_authorizations_by_subject ON founder_authorizations (subject);
