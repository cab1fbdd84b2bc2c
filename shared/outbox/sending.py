"""Sending a batch of the outbox: what fails by itself is told from what fails the whole batch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka.errors import KafkaError

from shared.outbox.batch import Aggregate, aggregate_of, outcomes_of
from shared.outbox.blocked import REFUSALS, Unsendable, Withheld

Send = Callable[[Any], Awaitable["asyncio.Future[Any]"]]
_UNSENDABLE = (*REFUSALS, ValueError, TypeError, AssertionError, OverflowError)


class Refused(Exception):
    """The broker refused a batch of records, and by that has used up the producer: the next records
    would be out of its order for ever.
    """


async def send_in_order(send: Send, rows: Sequence[Any]) -> list[Any]:
    """What the broker answered to each of `rows`, or how it failed.

    What cannot be sent holds up its own aggregate. Where the broker is not to be reached, the rest
    is withheld, and what was sent before is still waited for.
    """
    promises: list[asyncio.Future[Any]] = []
    held: set[Aggregate] = set()
    for number, row in enumerate(rows):
        if held and aggregate_of(row) in held:
            promises.append(_failed(Withheld()))
            continue
        try:
            promises.append(await send(row))
        except _UNSENDABLE as failure:
            unsendable = Unsendable(str(failure))
            unsendable.__cause__ = failure
            promises.append(_failed(unsendable))
            held.add(aggregate_of(row))
        except KafkaError as failure:
            promises.append(_failed(failure))
            promises += [_failed(Withheld()) for _ in rows[number + 1 :]]
            break
        except BaseException:
            for promise in promises:
                promise.cancel()
            raise
    return await outcomes_of(promises)


def first_of_each(rows: Sequence[Any]) -> list[Any]:
    """The first event of each aggregate among `rows`, which are in each one's order."""
    firsts: dict[Aggregate, Any] = {}
    for row in rows:
        firsts.setdefault(aggregate_of(row), row)
    return list(firsts.values())


def _failed(failure: Exception) -> "asyncio.Future[Any]":
    promise: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    promise.set_exception(failure)
    return promise
