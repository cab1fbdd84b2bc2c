"""`python -m deploy.capacity --tenants 1000`: cores, bytes and partitions that an installation
needs, by the unit costs of `unit_costs.toml`.

To bring those up to date: `make bench name="reads whole bus"` on a quiet machine, and its figures
into that file. A multiplication, not a promise: nothing here was run at that size.
"""

import argparse
import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

UNIT_COSTS = Path(__file__).with_name("unit_costs.toml")
SECONDS_A_DAY = 86_400
DAYS_A_YEAR, DAYS_A_MONTH = 365, 30.4
SERVICES = ("activities", "motivation", "vip")
OUTAGE_SECONDS = 600
"""How long Kafka may be away in the peak."""


@dataclass(frozen=True)
class Size:
    """Who works: `peak` is the busiest hour beside the day's mean, `load` the part of a core, a
    consumer or a node that may be busy then, `activities` those that a seller has open.
    """

    tenants: int
    sellers: int = 1_000
    commands: float = 60
    reads: float = 400
    peak: float = 10
    load: float = 0.5
    activities: int = 225
    months: int = 13
    node_cores: int = 16
    node_terabytes: float = 4

    @property
    def people(self) -> int:
        return self.tenants * self.sellers

    @property
    def commands_per_second(self) -> float:
        """In the peak hour."""
        return self.people * self.commands / SECONDS_A_DAY * self.peak

    @property
    def reads_per_second(self) -> float:
        """In the peak hour."""
        return self.people * self.reads / SECONDS_A_DAY * self.peak


@dataclass(frozen=True)
class UnitCosts:
    """What was measured: CPU seconds for 1,000 commands and reads by process, bytes a command by
    engine, events a command and a second of the slowest consumer.
    """

    measured: str
    command: Mapping[str, float]
    read: Mapping[str, float]
    postgres_bytes: float
    kafka_bytes: float
    redis_bytes_an_activity: float
    events_a_command: float
    consumer_events_per_second: float

    @classmethod
    def from_file(cls, path: Path = UNIT_COSTS) -> "UnitCosts":
        """Raises `TypeError` for a cost that is missing or unknown."""
        return cls(**tomllib.loads(path.read_text()))


@dataclass(frozen=True)
class Need:
    """What an installation needs: cores by process, nodes of PostgreSQL by cores and by data."""

    commands_per_second: float
    reads_per_second: float
    cores: Mapping[str, float]
    postgres_terabytes: float
    nodes_by_cores: int
    nodes_by_data: int
    redis_gigabytes: float
    kafka_terabytes_a_year: float
    partitions: int
    waiting_events: float
    drain_minutes: float


def need_of(size: Size, costs: UnitCosts) -> Need:
    """By multiplication; everything but the bytes in the peak hour."""
    commands, reads = size.commands_per_second, size.reads_per_second
    cores = {
        process: (commands * costs.command.get(process, 0) + reads * costs.read.get(process, 0))
        / 1_000
        / size.load
        for process in {**costs.command, **costs.read}
    }
    days = size.months * DAYS_A_MONTH
    terabytes = size.people * size.commands * days * costs.postgres_bytes / 1e12
    events = commands * costs.events_a_command
    waiting = events * OUTAGE_SECONDS
    partitions = math.ceil(events / (costs.consumer_events_per_second * size.load))
    spare = partitions * costs.consumer_events_per_second - events
    return Need(
        commands_per_second=commands,
        reads_per_second=reads,
        cores=cores,
        postgres_terabytes=terabytes,
        nodes_by_cores=math.ceil(cores["postgres"] / size.node_cores),
        nodes_by_data=math.ceil(terabytes / size.node_terabytes),
        redis_gigabytes=size.people * size.activities * costs.redis_bytes_an_activity / 1e9,
        kafka_terabytes_a_year=size.people * size.commands * DAYS_A_YEAR * costs.kafka_bytes / 1e12,
        partitions=partitions,
        waiting_events=waiting,
        drain_minutes=waiting / spare / 60,
    )


def report(size: Size, costs: UnitCosts) -> str:
    """The need in words."""
    need = need_of(size, costs)
    services = sum(need.cores.get(service, 0) for service in SERVICES)
    others = {name: cores for name, cores in need.cores.items() if name not in SERVICES}
    cores = ", ".join(
        f"{name} {value:,.1f}" for name, value in sorted({**others, "services": services}.items())
    )
    return "\n".join(
        (
            f"{size.tenants:,} tenants of {size.sellers:,} sellers, by what was measured:"
            f" {costs.measured}",
            f"in the peak hour  {need.commands_per_second:,.0f} commands/s,"
            f" {need.reads_per_second:,.0f} reads/s",
            f"cores             {cores} (busy to {size.load:.0%})",
            f"PostgreSQL        {need.postgres_terabytes:,.1f} TB in {size.months} months;"
            f" nodes of {size.node_cores} cores and {size.node_terabytes:g} TB:"
            f" {need.nodes_by_cores:,} by cores, {need.nodes_by_data:,} by data",
            f"Redis             {need.redis_gigabytes:,.1f} GB",
            f"Kafka             {need.kafka_terabytes_a_year:,.1f} TB a year and copy,"
            f" {need.partitions:,} partitions a topic or more",
            f"Kafka away {OUTAGE_SECONDS // 60} min {need.waiting_events:,.0f} events wait in"
            f" outboxes, read {need.drain_minutes:,.0f} min after",
        )
    )


def main() -> None:
    """Prints what the size on the command line needs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for each in fields(Size):
        has_default = each.default is not MISSING
        parser.add_argument(
            f"--{each.name.replace('_', '-')}",
            type=type(each.default) if has_default else int,
            default=each.default if has_default else None,
            required=not has_default,
        )
    print(report(Size(**vars(parser.parse_args())), UnitCosts.from_file()))


if __name__ == "__main__":
    main()
