"""The product on one machine without containers: servers from packages under a supervisor."""
