"""The gateway's own counters."""

from shared.metrics import Metrics


class GatewayMetrics(Metrics):
    """Passing through, read models, live connections, log-ins."""

    def __init__(self) -> None:
        super().__init__("gateway")
        self.passed = self.histogram(
            "pass_through_seconds", "Time a service took to answer", ["service"]
        )
        self.projected = self.counter(
            "projected_activities_total", "Activities written to the read models", ["outcome"]
        )
        self.write_through = self.counter(
            "write_through_total", "Responses stored before they went out", ["outcome"]
        )
        self.fallbacks = self.counter(
            "read_fallbacks_total", "Reads answered without the read model", ["read"]
        )
        self.details = self.counter(
            "whole_activities_total", "Whole activities by who answered", ["answered"]
        )
        self.streams = self.gauge("stream_connections", "Open live connections")
        self.slow_streams = self.counter(
            "stream_dropped_total", "Live connections closed because they did not read"
        )
        self.logins_refused = self.counter("logins_refused_total", "Log-ins refused", ["why"])
        self.rebuilds = self.counter("rebuilds_total", "Read models rebuilt")
