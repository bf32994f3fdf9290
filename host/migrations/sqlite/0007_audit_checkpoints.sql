-- Signed statements of where the audit chains ended, so that events removed
-- from an end show. `envelope` is a DSSE envelope, JSON; its payload names the
-- heads and the checkpoint before.
CREATE TABLE audit_checkpoints (
    number   INTEGER PRIMARY KEY CHECK (number > 0),
    at_us    INTEGER NOT NULL,
    envelope TEXT    NOT NULL
) STRICT;
