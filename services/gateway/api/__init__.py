"""HTTP in: what the gateway answers itself."""
