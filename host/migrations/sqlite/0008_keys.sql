-- The first characters of a key that the gateway made, to tell keys apart.
ALTER TABLE api_keys ADD COLUMN prefix TEXT;
-- From when on a key that was replaced opens nothing any more.
ALTER TABLE api_keys ADD COLUMN expires_us INTEGER;
-- How often the key may call, where that is not what the configuration says.
ALTER TABLE api_keys ADD COLUMN requests_per_minute INTEGER;
ALTER TABLE api_keys ADD COLUMN burst INTEGER;

CREATE INDEX api_keys_by_agent ON api_keys (agent);
