"""Redis as the read models use it: one trip for any number of calls, scripts loaded when missing,
quick to say that it is away.
"""

from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from time import monotonic
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import NoScriptError, RedisError, ResponseError

from services.gateway.read_models.connection import Call, Line

__all__ = ["Call", "Store", "connect", "script"]

_LUA = Path(__file__).with_name("lua")
_OVERDUE = (_LUA / "overdue.lua").read_text()
_READING = ("pool", "desk")
SCRIPTS = {
    path.stem: (_OVERDUE if path.stem in _READING else "") + path.read_text()
    for path in _LUA.glob("*.lua")
    if path.stem != "overdue"
}
_DIGESTS = {name: sha1(text.encode()).hexdigest() for name, text in SCRIPTS.items()}  # noqa: S324 -- Redis names scripts so
_REST_SECONDS = 1.0


def connect(url: str) -> Any:
    """A client that gives up soon: everything here can be answered without Redis."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=64,
        timeout=2,
        socket_timeout=3,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 1),
        protocol=2,
    )
    return Redis(connection_pool=pool)


def script(name: str, stem: str, *values: Any) -> Call:
    """A call of one of our scripts on the keys of one tag."""
    return ("EVALSHA", _DIGESTS[name], 1, stem, *values)


class Store:
    """Runs calls.

    After a failure `quick` calls are refused for a second, so that no reader waits for a server
    that is away.
    """

    def __init__(self, url: str) -> None:
        self.redis = connect(url)
        # Readers do not wait behind a batch of facts.
        self._lines = {quick: Line(url) for quick in (False, True)}
        self._failed_at = -_REST_SECONDS

    async def run(self, *calls: Call, quick: bool = False) -> list[Any]:
        """The answers in order.

        Raises `RedisError` or `OSError`; then any of the calls may have taken effect.
        """
        if not calls:
            return []
        if quick and monotonic() < self._failed_at + _REST_SECONDS:
            raise NoConnection("Redis was away a moment ago")
        line = self._lines[quick]
        try:
            answers = await line.ask(calls)
            if _first_error(answers, NoScriptError):
                _raise(await line.ask([("SCRIPT", "LOAD", text) for text in SCRIPTS.values()]))
                answers = await line.ask(calls)
            return _raise(answers)
        except (RedisError, OSError):
            self._failed_at = monotonic()
            raise

    async def close(self) -> None:
        for line in self._lines.values():
            line.close()
        await self.redis.aclose()


def _first_error(answers: Sequence[Any], kind: type[ResponseError]) -> ResponseError | None:
    return next((answer for answer in answers if isinstance(answer, kind)), None)


def _raise(answers: list[Any]) -> list[Any]:
    if error := _first_error(answers, ResponseError):
        raise error
    return answers
