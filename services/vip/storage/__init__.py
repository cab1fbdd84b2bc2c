"""What the service remembers, and the statements that read and write it."""
