-- JSON: the slugs and offer ids that the agent may be given; null is all.
ALTER TABLE agents ADD COLUMN allowed_models TEXT;
