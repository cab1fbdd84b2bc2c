"""Which events of a batch may be marked: of each aggregate those before its first failure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.db.transaction import shard_of
from shared.ids import new_id
from shared.outbox.batch import acknowledged


def batch(names: str, outcomes: str) -> tuple[list[dict[str, Any]], list[Any]]:
    rows = [
        {
            "tenant_id": "t",
            "topic": "x",
            "aggregate_id": name,
            "aggregate_version": names[: number + 1].count(name),
        }
        for number, name in enumerate(names)
    ]
    return rows, [TimeoutError() if outcome == "-" else object() for outcome in outcomes]


@pytest.mark.parametrize(
    ("names", "outcomes", "marked"),
    [
        ("aaa", "+++", ["a1", "a2", "a3"]),
        ("aaa", "+-+", ["a1"]),
        ("aaa", "-++", []),
        ("aabb", "+--+", ["a1"]),
        ("aabb", "-+++", ["b1", "b2"]),
        ("aabb", "+++-", ["a1", "a2", "b1"]),
        ("", "", []),
    ],
)
def test_a_later_event_never_overtakes_one_that_failed(
    names: str, outcomes: str, marked: list[str]
) -> None:
    assert [
        f"{row['aggregate_id']}{row['aggregate_version']}"
        for row in acknowledged(*batch(names, outcomes))
    ] == marked


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("+-")), max_size=30))
def test_what_is_marked_is_a_prefix_of_each_aggregate_and_was_acknowledged(
    pairs: list[tuple[str, str]],
) -> None:
    rows, outcomes = batch(
        "".join(name for name, _ in pairs), "".join(outcome for _, outcome in pairs)
    )
    marked = acknowledged(rows, outcomes)
    for name in "abc":
        versions = [row["aggregate_version"] for row in marked if row["aggregate_id"] == name]
        assert versions == list(range(1, len(versions) + 1))
    assert all(
        not isinstance(outcome, TimeoutError)
        for row, outcome in zip(rows, outcomes, strict=True)
        if row in marked
    )


def test_an_aggregate_has_one_shard_and_aggregates_use_them_all() -> None:
    tenant, aggregate = new_id(), new_id()
    assert len({shard_of(tenant, aggregate, 8) for _ in range(3)}) == 1
    assert {shard_of(tenant, new_id(), 8) for _ in range(400)} == set(range(8))
