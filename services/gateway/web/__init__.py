"""Pages: the documents for integrators."""
