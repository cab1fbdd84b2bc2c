"""Bus in: events and command responses, projected into accounts and read models."""
