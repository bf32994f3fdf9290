-- The idempotency keys in use. `scope` is the SHA-256 of agent, route and key,
-- `body` that of the request's bytes. A row without an answer is a call that
-- runs; only a success leaves an answer, anything else deletes the row.
CREATE TABLE idempotency_keys (
    scope      BLOB    PRIMARY KEY,
    body       BLOB    NOT NULL,
    call       INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    -- JSON: the kind and the headers of the answer.
    head       TEXT,
    -- Its bytes.
    answer     BLOB
) STRICT;

CREATE INDEX idempotency_keys_by_call ON idempotency_keys (call);
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_us);
