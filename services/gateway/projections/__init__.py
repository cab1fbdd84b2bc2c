"""Facts in: what the bus brings, folded into accounts and read models."""
