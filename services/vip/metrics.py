"""The vip service's own counters."""

from shared.metrics import Metrics


class VipMetrics(Metrics):
    """Refused claims count by the code of the refusal: another's VIP, no place left."""

    def __init__(self) -> None:
        super().__init__("vip")
        self.refused_claims = self.counter(
            "refused_claims_total", "Claims and assignments that a rule refused", ["code"]
        )
        self.resets = self.counter("reset_vips_total", "VIPs freed by their deadline")
