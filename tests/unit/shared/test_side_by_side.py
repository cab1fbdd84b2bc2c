"""Work side by side: as many at once as may be, and an end after the first failure."""

import asyncio

import pytest

from shared.bus.side_by_side import side_by_side


class Work:
    """Counts what is under way; waits for nothing but its turn."""

    def __init__(self, failing: frozenset[int] = frozenset()) -> None:
        self.failing = failing
        self.under_way = self.most = 0
        self.begun, self.ended = list[int](), list[int]()

    async def run(self, number: int) -> int:
        self.begun.append(number)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        self.ended.append(number)
        if number in self.failing:
            raise ConnectionError(str(number))
        return number * number


@pytest.mark.parametrize(("elements", "most"), [(0, 0), (1, 1), (2, 2), (3, 3), (100, 3)])
async def test_no_more_than_allowed_are_under_way(elements: int, most: int) -> None:
    work = Work()
    results = await side_by_side(range(elements), work.run, 3)
    assert sorted(results) == [number * number for number in range(elements)]
    assert work.most == most


async def test_after_a_failure_nothing_begins_and_what_began_ends() -> None:
    work = Work(frozenset({4, 5}))
    with pytest.raises(ConnectionError, match="4"):
        await side_by_side(range(100), work.run, 3)
    assert sorted(work.begun) == sorted(work.ended)
    assert len(work.begun) < 10
