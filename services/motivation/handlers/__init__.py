"""Use cases: load, decide, save, publish; each in a transaction given from outside."""
