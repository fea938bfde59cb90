"""The engine: what happens between a call of a cached function and its answer."""
