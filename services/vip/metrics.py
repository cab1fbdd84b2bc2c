"""Metrics of the vip service."""

from collections.abc import Sequence

from shared.db.transaction import Published
from shared.events.vip import VipEvent, VipReleased
from shared.metrics import Metrics


class VipMetrics(Metrics):
    """Refused claims have the code of the refusal: another's VIP, no place left."""

    def __init__(self) -> None:
        super().__init__("vip")
        self.events = self.counter(
            "events_total",
            "VIPs claimed, released (by reason), progressed, moved by money",
            ["type", "reason"],
        )
        self.refused_claims = self.counter(
            "refused_claims_total", "Claims and assignments that a rule refused", ["code"]
        )

    def count_events(self, published: Sequence[Published]) -> None:
        for event, _, _ in published:
            if isinstance(event, VipEvent):
                reason = event.why if isinstance(event, VipReleased) else ""
                self.events.labels(event.type, reason).inc()
