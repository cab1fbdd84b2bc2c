"""HTTP: problem details, callers, health and metrics, the same in every service."""
