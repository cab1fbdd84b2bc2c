"""The gateway: accounts, the public API, read models in Redis, live updates."""
