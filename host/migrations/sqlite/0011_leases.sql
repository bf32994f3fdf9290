-- When a writer was last seen, by the clock of the database. A file has one
-- writer at a time, of which a lock tells; a server has several.
ALTER TABLE writers ADD COLUMN seen_us INTEGER;
-- From when on a writer that was not seen may write nothing more. Whoever has
-- then closed its pending calls sets `ended_us`.
ALTER TABLE writers ADD COLUMN expired_us INTEGER;

-- Microseconds since the Unix epoch, UTC.
CREATE VIEW clock AS SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS us;
