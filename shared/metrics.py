"""Metrics that every service has; names are `sales_<service>_<noun>_<unit>`, labels are bounded."""

from collections.abc import Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from shared.db.transaction import Published

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One service's registry. A service's own counters extend it in its metrics.py.

    With a `registry` these are the metrics of another consumer in the process whose it is.
    """

    def __init__(self, service: str, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        if registry is None:
            ProcessCollector(registry=self.registry)
            PlatformCollector(registry=self.registry)
        self.prefix = f"sales_{service}"
        self.requests = self.histogram(
            "request_seconds", "Time to answer, by route", ["method", "route", "status"]
        )
        self.outbox_age = self.gauge(
            "outbox_age_seconds", "Age of the oldest event that waits to be published"
        )
        self.outbox_waiting = self.gauge(
            "outbox_waiting_events", "Events that wait to be published, as the relay last saw them"
        )
        self.outbox_blocked = self.gauge(
            "outbox_blocked_aggregates",
            "Aggregates whose next event cannot be sent; other events go on",
        )
        self.published = self.counter(
            "published_events_total", "Events handed to the broker and acknowledged"
        )
        self.shards_owned = self.gauge("relay_shards", "Outbox shards that this process relays")
        self.consumed = self.counter(
            "consumed_events_total", "Events by outcome: applied or ignored", ["topic", "outcome"]
        )
        self.lag = self.gauge(
            "consumer_lag_records",
            "Records behind the end of the partition",
            ["topic", "partition"],
        )
        self.event_delay = self.histogram(
            "event_delay_seconds", "From an event's moment to its effect here", ["topic"]
        )
        self.dead_letters = self.counter(
            "dead_letters_total", "Records that could not be consumed", ["topic"]
        )
        self.consumer_stopped = self.gauge(
            "consumer_stopped", "1 while too many dead letters of all tenants hold the consumer"
        )
        self.parked_tenants = self.gauge(
            "parked_tenants", "Tenants whose records are put aside instead of being applied"
        )
        self.parked_tenant = self.gauge(
            "parked_tenant", "1 for each parked tenant, of at most 20", ["tenant"]
        )
        self.parked_records = self.counter(
            "parked_records_total", "Records of parked tenants that were put aside"
        )
        self.timer_failures = self.counter(
            "timer_failures_total",
            "Rounds of a timer, or a tenant's turns in one, that failed",
            ["timer"],
        )
        self.timer_failing_tenants = self.gauge(
            "timer_failing_tenants",
            "Tenants that a timer leaves out until it tries again",
            ["timer"],
        )
        self.consumer_holes = self.gauge(
            "consumer_holes",
            "Partitions that wait for an operator: records are gone that were not read",
        )
        self.topics_made_again = self.counter(
            "topics_made_again_total", "Partitions that began anew under the consumer", ["topic"]
        )
        self.consumer_partitions = self.gauge(
            "consumer_partitions", "Partitions that this process consumes", ["topic"]
        )
        self.topic_partitions = self.gauge(
            "topic_partitions", "Partitions that the topic has, as this process knows", ["topic"]
        )
        self.jobs = self.gauge("jobs", "Jobs that have not ended", ["kind", "state"])
        self.jobs_finished = self.counter(
            "jobs_finished_total", "Jobs that ended, by how", ["kind", "state"]
        )
        self.job_steps = self.histogram("job_step_seconds", "Time of a job's step", ["kind"])

    def count_events(self, published: Sequence[Published]) -> None:
        """Counts events as they are committed, in services that count some of theirs."""

    def counter(self, name: str, text: str, labels: list[str] | None = None) -> Counter:
        return Counter(f"{self.prefix}_{name}", text, labels or [], registry=self.registry)

    def gauge(self, name: str, text: str, labels: list[str] | None = None) -> Gauge:
        return Gauge(f"{self.prefix}_{name}", text, labels or [], registry=self.registry)

    def histogram(self, name: str, text: str, labels: list[str] | None = None) -> Histogram:
        return Histogram(
            f"{self.prefix}_{name}", text, labels or [], buckets=_FAST, registry=self.registry
        )
