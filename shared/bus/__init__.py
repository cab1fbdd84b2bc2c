"""Kafka: reading facts in batches, and the dead letters of what cannot be understood."""
