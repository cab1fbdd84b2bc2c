"""Live updates of what changed, to those who may see it."""
