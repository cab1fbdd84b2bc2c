"""What an installation needs is multiplied right, by costs that are all there."""

import pytest

from deploy.capacity import Size, UnitCosts, need_of, report

COSTS = UnitCosts(
    measured="in a test",
    command={"gateway": 0.5, "activities": 1, "postgres": 2},
    read={"gateway": 0.2, "redis": 0.1},
    postgres_bytes=1_000,
    kafka_bytes=500,
    redis_bytes_an_activity=1_000,
    events_a_command=1.5,
    consumer_events_per_second=1_000,
)
SIZE = Size(1, sellers=8_640, commands=10, reads=100, months=10, node_cores=2, node_terabytes=0.01)


def test_what_is_needed_is_multiplied_right() -> None:
    need = need_of(SIZE, COSTS)
    assert (need.commands_per_second, need.reads_per_second) == (10, 100)
    assert need.cores == pytest.approx(
        {"gateway": 0.05, "activities": 0.02, "postgres": 0.04, "redis": 0.02}
    )
    assert need.postgres_terabytes == pytest.approx(8_640 * 10 * 304 * 1_000 / 1e12)
    assert (need.nodes_by_cores, need.nodes_by_data) == (1, 3)
    assert need.redis_gigabytes == pytest.approx(1.944)
    assert need.kafka_terabytes_a_year == pytest.approx(0.015768)


def test_partitions_leave_consumers_the_spare_time_to_catch_up() -> None:
    need = need_of(Size(1_000, commands=86.4), COSTS)
    assert need.commands_per_second == 10_000
    assert need.partitions == 30
    assert need.waiting_events == 9_000_000
    assert need.drain_minutes == pytest.approx(10)


def test_the_measured_costs_are_whole() -> None:
    costs = UnitCosts.from_file()
    assert {"gateway", "activities", "vip", "motivation", "postgres", "kafka", "redis"} == {
        *costs.command
    }
    assert costs.measured in report(Size(10), costs)
