"""Use cases: load, decide, save, publish; one transaction, given from outside."""
