"""Services with their mechanism broken on purpose: `python -m tests.chaos.breakages <breakage>
<service>`. Only tests start them.

Each takes out one thing that the product relies on, to see that a check notices.
"""

import asyncio
import hashlib
import runpy
import sys
from collections.abc import Callable
from typing import Any

from shared import inbox
from shared.bus.broker import RecordBatch
from shared.bus.consumer import Consumer
from shared.db.transaction import Tx
from shared.outbox.relay import Relay


def _put(owner: Any, name: str, broken: Any) -> None:
    setattr(owner, name, broken)


def offsets_before_effects() -> None:
    """The consumer commits what it has read and only then applies it: killed in between, it never
    will.
    """
    handle = Consumer.handle

    async def hasty(self: Consumer, batch: RecordBatch) -> None:
        self.positions.ends |= batch.ends
        await self.positions.save()
        await batch.ack()
        await asyncio.sleep(0.5)
        await handle(self, batch)

    _put(Consumer, "handle", hasty)


def no_inbox() -> None:
    """Every arrival takes effect.

    Rows of the inbox are written all the same, so that only the effects tell.
    """
    unseen = inbox.unseen

    async def everything(tx: Tx, events: Any) -> Any:
        await unseen(tx, events)
        return list(events)

    _put(inbox, "unseen", everything)
    # Money that is stored already has no effect either.
    from services.vip.storage import receipts

    async def all_of_it(tx: Tx, rows: Any) -> Any:
        await tx.rows_of_each(receipts.STORE, rows)
        return {row["id"] for row in rows}

    _put(receipts, "store", all_of_it)


def no_shard_lock() -> None:
    """Every relay publishes every shard."""

    async def all_of_them(self: Relay, _: Any) -> None:
        self._owned = set(range(self._shards))

    _put(Relay, "_share_shards", all_of_them)


def marked_before_sent() -> None:
    """The relay marks as published first and sends then: killed in between, the events are gone."""
    send_all = Relay._send_all

    async def mark_then_send(self: Relay, producer: Any, rows: Any) -> Any:
        import asyncpg

        from shared.outbox.batch import mark

        connection = await asyncpg.connect(self._url)
        await mark(connection, rows)
        await connection.close()
        await asyncio.sleep(0.5)
        return await send_all(self, producer, rows)

    _put(Relay, "_send_all", mark_then_send)


def repeats() -> None:
    """Not broken, only unlucky: every other event is sent again later, after newer ones that are
    not.
    """
    send_all = Relay._send_all

    async def again(self: Relay, producer: Any, rows: Any) -> Any:
        async def later() -> None:
            await asyncio.sleep(1)
            for row in rows:
                if row["aggregate_version"] % 2:
                    await (await self._send(producer, row))

        outcomes = await send_all(self, producer, rows)
        task = asyncio.create_task(later())
        _TASKS.add(task)
        task.add_done_callback(_TASKS.discard)
        return outcomes

    _put(Relay, "_send_all", again)


def no_guard() -> None:
    """Projections write whatever comes last."""
    from services.gateway.read_models import store

    for name, text in store.SCRIPTS.items():
        loose = text.replace("tonumber(stored_rank) < tonumber(rank)", "true").replace(
            "tonumber(string.match(stored, '^%d+')) < ", "0 < "
        )
        store.SCRIPTS[name] = loose
        store._DIGESTS[name] = hashlib.sha1(loose.encode()).hexdigest()


def _lock_less(locked: str) -> None:
    from services.activities.storage import locking

    statement = locking.LOCK_FOR_TAKING
    both = "FOR UPDATE OF activity, membership"
    assert both in statement.sql
    statement.sql = statement.sql.replace(both, locked)


def no_lock_on_the_activity() -> None:
    """A take decides on a row that somebody else may be changing."""
    _lock_less("FOR UPDATE OF membership")


def no_lock_on_the_pace() -> None:
    """A seller's last take is read without holding it."""
    _lock_less("FOR UPDATE OF activity")


def no_places() -> None:
    """Claims of one seller don't wait for each other."""
    from services.vip.storage import places

    async def nothing(tx: Tx, *_: Any) -> None:
        await tx.read_clock()

    _put(places, "lock_places", nothing)


def no_answers() -> None:
    """An Idempotency-Key is not remembered."""
    from shared.web import callers

    _put(callers, "Command", lambda *_: None)


def no_signature() -> None:
    """Tokens are believed whoever signed them."""
    import jwt

    decode = jwt.decode

    def believe(token: str, *_: Any, options: Any = None, **__: Any) -> Any:
        return decode(token, options={"verify_signature": False})

    _put(jwt, "decode", believe)


def no_proof() -> None:
    """A request of the inside needs only a token, which may have been heard."""
    from shared.internal_tokens import TokenReader

    _put(TokenReader, "_prove", lambda *_: None)


def no_fair_use() -> None:
    """Nobody's requests are counted."""
    from services.gateway.edge.fair_use import FairUse

    _put(FairUse, "charge", lambda *_: None)


def everybody_is_concerned() -> None:
    """A change goes to every stream of its tenant, whatever room it is of."""
    from services.gateway.live import sse

    _put(sse, "concerns", lambda *_: True)


_TASKS: set[Any] = set()
BREAKAGES: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        offsets_before_effects,
        no_inbox,
        no_shard_lock,
        marked_before_sent,
        repeats,
        no_guard,
        no_lock_on_the_activity,
        no_lock_on_the_pace,
        no_places,
        no_answers,
        no_signature,
        no_proof,
        no_fair_use,
        everybody_is_concerned,
    )
}


if __name__ == "__main__":
    _, names, service = sys.argv
    for name in names.split("+"):
        BREAKAGES[name]()
    sys.argv = [f"services.{service}.app"]
    runpy.run_module(f"services.{service}.app", run_name="__main__")
