"""Where a consumer reads on: never past a hole, never from a place that nobody decided on."""

import pytest

from shared.bus.positions import Start, start_of


@pytest.mark.parametrize(
    ("known", "begin", "end", "start"),
    [
        (None, 0, 0, Start(0)),
        (None, 0, 9, Start(0)),
        (None, 4, 9, Start(4, "hole")),
        (0, 4, 9, Start(4, "hole")),
        (3, 4, 9, Start(4, "hole")),
        (4, 4, 9, Start(4)),
        (7, 4, 9, Start(7)),
        (9, 4, 9, Start(9)),
        (9, 9, 9, Start(9)),
        (10, 0, 3, Start(0, "made_again")),
        (10, 2, 3, Start(2, "made_again")),
    ],
)
def test_a_reader_starts_where_it_knows_unless_records_are_gone(
    known: int | None, begin: int, end: int, start: Start
) -> None:
    assert start_of(known, begin, end, expires=False) == start


@pytest.mark.parametrize(("known", "begin"), [(2, 0), (7, 0), (9, 0), (9, 4)])
def test_another_topic_of_the_same_name_is_read_from_its_beginning(known: int, begin: int) -> None:
    start = start_of(known, begin, 9, expires=False, same_topic=False)
    assert start == Start(begin, "made_again")


@pytest.mark.parametrize("known", [None, 3])
def test_what_expires_is_missed_by_nobody(known: int | None) -> None:
    assert start_of(known, 4, 9, expires=True) == Start(4)
