"""The vip service's own counters."""

from shared.metrics import Metrics

METRICS = Metrics("vip")
EVENTS = METRICS.counter(
    "facts_total", "VIPs claimed, released (by reason), progressed, moved by money", ["type", "why"]
)
REFUSALS = METRICS.counter(
    "refused_claims_total", "Claims and assignments that a rule refused", ["code"]
)
