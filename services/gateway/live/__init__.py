"""Live updates: what changed, to those who may see it."""
