"""JSON put together from ready parts reads as if it had been rendered in one piece."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from services.gateway.read_models.desk import Desk, DeskView
from services.gateway.read_models.ready_json import array, object_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ([], []),
        ([b""], []),
        ([b"1"], [1]),
        ([b"", b"1,2", b"", b"3"], [1, 2, 3]),
    ],
)
def test_an_array_joins_fragments_of_any_number(fragments: list[bytes], expected: Any) -> None:
    assert orjson.loads(b"".join(array(fragments))) == expected


def test_an_object_holds_ready_and_plain_values() -> None:
    nested = object_of({"in_work": array([b"1"]), "paid": array([])}, {})
    rendered = object_of({"mine": nested}, {"as_of": NOW, "none": None})
    assert orjson.loads(b"".join(rendered)) == {
        "mine": {"in_work": [1], "paid": []},
        "as_of": "2026-11-20T12:00:00Z",
        "none": None,
    }
    assert b"".join(object_of({}, {})) == b"{}"
    assert b"".join(object_of({}, {"none": None})) == b'{"none":null}'


def test_a_desk_names_every_part_that_was_not_had() -> None:
    shown = orjson.loads(Desk({"pool_count": 1}).render(NOW))
    assert DeskView.model_validate_json(orjson.dumps(shown), extra="forbid")
    assert shown["missing"] == [
        "mine",
        "overdue_steps",
        "about_to_reset",
        "vip",
        "pay",
        "ready_to_take_at",
        "vip.places",
    ]
