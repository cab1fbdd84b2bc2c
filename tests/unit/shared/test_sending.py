"""Sending a batch: what holds up its own aggregate, and what holds up all."""

import asyncio
from typing import Any
from uuid import UUID

from aiokafka.errors import KafkaConnectionError

from shared.outbox.blocked import Unsendable, Withheld
from shared.outbox.sending import first_of_each, send_in_order


def row(aggregate: int, version: int) -> dict[str, Any]:
    return {
        "tenant_id": UUID(int=1),
        "topic": "sales.vip.v1",
        "aggregate_id": UUID(int=aggregate),
        "aggregate_version": version,
    }


async def sent_by(failures: dict[tuple[int, int], Exception], rows: list[Any]) -> list[Any]:
    async def send(row: Any) -> "asyncio.Future[Any]":
        failure = failures.get((row["aggregate_id"].int, row["aggregate_version"]))
        if failure:
            raise failure
        promise = asyncio.get_running_loop().create_future()
        promise.set_result("sent")
        return promise

    return await send_in_order(send, rows)


async def test_what_cannot_be_sent_says_why_and_holds_up_its_aggregate_alone() -> None:
    failure = ValueError("the value is too large")
    rows = [row(1, 1), row(1, 2), row(2, 1)]
    refused, withheld, sent = await sent_by({(1, 1): failure}, rows)
    assert isinstance(refused, Unsendable)
    assert (str(refused), refused.__cause__) == ("the value is too large", failure)
    assert isinstance(withheld, Withheld)
    assert sent == "sent"


async def test_a_broker_that_is_away_holds_up_all_that_comes_after() -> None:
    failure = KafkaConnectionError()
    rows = [row(1, 1), row(2, 1), row(3, 1), row(4, 1)]
    sent, failed, *withheld = await sent_by({(2, 1): failure}, rows)
    assert (sent, failed) == ("sent", failure)
    assert [type(outcome) for outcome in withheld] == [Withheld, Withheld]


def test_the_first_event_of_each_aggregate_is_picked_in_order() -> None:
    rows = [row(2, 4), row(1, 1), row(2, 5), row(1, 2), row(3, 9)]
    assert first_of_each(rows) == [rows[0], rows[1], rows[4]]
