"""Bulkheads within a batch: what fails for one element neither undoes nor holds up the others."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import asyncpg

from shared.db import Tx
from shared.db.transaction import VersionConflict
from shared.errors import Unavailable
from shared.replicas.lookup import ReplicaMissing

Element = TypeVar("Element")
Result = TypeVar("Result")


@dataclass(slots=True)
class Isolated(Generic[Element, Result]):
    """The results of the parts that took effect, and each element that failed, with the reason."""

    results: list[Result] = field(default_factory=list)
    failed: list[tuple[Element, Exception]] = field(default_factory=list)


async def apply_or_halve(
    tx: Tx,
    elements: Sequence[Element],
    work: Callable[[Sequence[Element]], Awaitable[Result]],
) -> Isolated[Element, Result]:
    """Runs `work` on all elements together, or on ever smaller halves until those are found that
    fail for good. They have no effect and the others have theirs.

    Raises what ends the whole transaction, such as a lost database.
    """
    isolated: Isolated[Element, Result] = Isolated()
    if elements:
        await _apply_or_halve(tx, elements, work, isolated)
    return isolated


async def _apply_or_halve(
    tx: Tx,
    elements: Sequence[Element],
    work: Callable[[Sequence[Element]], Awaitable[Result]],
    isolated: Isolated[Element, Result],
) -> None:
    try:
        async with tx.savepoint():
            result = await work(elements)
    except Exception as failure:
        if not is_of_element(failure):
            raise
        if len(elements) == 1:
            isolated.failed.append((elements[0], failure))
            return
        middle = len(elements) // 2
        await _apply_or_halve(tx, elements[:middle], work, isolated)
        await _apply_or_halve(tx, elements[middle:], work, isolated)
    else:
        isolated.results.append(result)


def is_of_element(failure: Exception) -> bool:
    """Whether a failure may lie in the values at hand, and not in what everything depends on."""
    if isinstance(failure, asyncpg.PostgresError):
        return isinstance(failure, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError)
    return not isinstance(
        failure,
        Unavailable
        | VersionConflict
        | ReplicaMissing
        | asyncpg.InterfaceError
        | OSError
        | TimeoutError,
    )
