"""Copies of another service's data: fetched from their owner, pushed to peers, kept by version."""
