"""The gateway's own metrics."""

from shared.metrics import Metrics


class GatewayMetrics(Metrics):
    """Forwarded requests, read models, live connections, log-ins."""

    def __init__(self) -> None:
        super().__init__("gateway")
        self.upstream = self.histogram(
            "upstream_seconds", "Time a service took to answer", ["service"]
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
        self.activity_reads = self.counter(
            "activity_reads_total", "Whole activities by who answered", ["source"]
        )
        self.overuse = self.counter(
            "overuse_total", "Requests refused by a limit of fair use", ["rule"]
        )
        self.streams = self.gauge("stream_connections", "Open live connections")
        self.slow_streams = self.counter(
            "stream_dropped_total", "Live connections closed because they did not keep up"
        )
        self.logins_refused = self.counter("logins_refused_total", "Log-ins refused", ["reason"])
        self.accounts_repaired = self.counter(
            "accounts_repaired_total", "Accounts that were not as the directory says"
        )
        self.audited = self.counter(
            "audited_requests_total", "Recorded requests by outcome", ["operation", "outcome"]
        )
        self.audit_buffered = self.gauge(
            "audit_buffered_entries", "Audit entries that wait to be written"
        )
        self.audit_delayed = self.counter(
            "audit_delayed_entries_total", "Audit entries that the database did not take at once"
        )
        self.audit_lost = self.counter(
            "audit_lost_entries_total", "Audit entries that are in the log alone"
        )
        self.notifications = self.counter(
            "notifications_total", "Notifications that got onto a person's list", ["kind"]
        )
        self.deliveries = self.counter(
            "deliveries_total",
            "Notifications sent by a channel, by how it went",
            ["channel", "outcome"],
        )
        self.notices_missed = self.counter(
            "notices_missed_total", "Events of which nobody could be notified"
        )
        self.notices_unannounced = self.counter(
            "notices_unannounced_total", "Notifications that open pages were not told of"
        )
        self.rebuilds = self.counter("rebuilds_total", "Read models rebuilt")
        self.topics_cut = self.gauge(
            "topics_cut",
            "1 while read models are not rebuilt because topics lack their first records",
        )
        self.incomplete_aggregates = self.gauge(
            "incomplete_aggregates", "Things of which the last rebuild met a version too late"
        )
