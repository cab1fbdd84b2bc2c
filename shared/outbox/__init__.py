"""The outbox: what a transaction leaves behind, published by the relay."""
