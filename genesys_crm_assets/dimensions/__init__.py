"""Who and what, with memory: one row per version of a record. Not here: what happened (`facts`), or which record an interaction was about."""
