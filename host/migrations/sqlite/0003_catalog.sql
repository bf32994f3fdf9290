-- Every version of the catalog that a decision may name. Never deleted.
CREATE TABLE catalog_versions (
    version INTEGER PRIMARY KEY CHECK (version > 0),
    at_us   INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    -- JSON.
    body    TEXT    NOT NULL,
    digest  TEXT    NOT NULL
) STRICT;
