"""Work on several elements at once, bounded, for what mostly waits for a server."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

Element = TypeVar("Element")
Result = TypeVar("Result")


async def side_by_side(
    elements: Sequence[Element], work: Callable[[Element], Awaitable[Result]], at_once: int
) -> list[Result]:
    """The results of `work` on each element, in the order in which they came.

    Raises the first failure: nothing is begun after it, and what was begun has ended by then.
    """
    if len(elements) == 1:
        return [await work(elements[0])]
    results: list[Result] = []
    failures: list[Exception] = []
    async with asyncio.TaskGroup() as group:
        waiting = iter(elements)
        for _ in range(min(at_once, len(elements))):
            group.create_task(_work_off(waiting, work, results, failures))
    if failures:
        raise failures[0]
    return results


async def _work_off(
    waiting: Iterator[Element],
    work: Callable[[Element], Awaitable[Result]],
    results: list[Result],
    failures: list[Exception],
) -> None:
    for element in waiting:
        try:
            results.append(await work(element))
        except Exception as failure:
            failures.append(failure)
        if failures:
            return
