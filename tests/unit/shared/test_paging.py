"""Cursors: opaque, and garbage is the caller's mistake, not ours."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.ids import new_id
from shared.paging import cursor_of, moment, number, page, read_cursor


def made_of(values: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


@given(
    st.lists(
        st.integers(0, 2**53) | st.text(max_size=20).filter(lambda text: text.isprintable()),
        max_size=4,
    )
)
def test_a_cursor_gives_back_what_was_put_in(values: list[Any]) -> None:
    assert read_cursor(cursor_of(*values), *(type(value) for value in values)) == values


def test_a_cursor_of_a_list_gives_back_moment_and_id() -> None:
    when, which = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC), new_id()
    assert read_cursor(cursor_of(when.isoformat(), which), moment, UUID) == [when, which]
    assert read_cursor(None, UUID) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "====",
        "я",
        "\x00",
        "%",
        "null",
        made_of(None),
        made_of({}),
        made_of([]),
        made_of(["a", "b"]),
        made_of([1]),
        made_of([[]]),
    ],
)
def test_garbage_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_cursor(cursor, UUID)
    assert refused.value.status == 422
    assert refused.value.extra["errors"][0]["field"] == "cursor"


@given(
    st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode())
)
def test_no_text_breaks_the_reading_of_a_cursor(cursor: str) -> None:
    for kinds in ((UUID,), (moment, UUID), (number,)):
        try:
            read_cursor(cursor, *kinds)
        except Invalid:
            pass


@pytest.mark.parametrize(
    "value", [2**63, 2**64 - 1, -1, 10**18 + 10**19 - 1, "x", None, [], 1.5e300]
)
def test_a_number_that_the_database_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        read_cursor(made_of([value]), number)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T09:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "now",
        5,
        None,
    ],
)
def test_a_moment_that_the_database_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        read_cursor(made_of([value]), moment)


@pytest.mark.parametrize(("read", "shown", "more"), [(0, 0, False), (2, 2, False), (3, 2, True)])
def test_a_page_has_a_next_one_only_where_more_was_read(read: int, shown: int, more: bool) -> None:
    found = page(list(range(read)), 2, "further")
    assert (len(found["items"]), found["next_cursor"]) == (shown, "further" if more else None)
