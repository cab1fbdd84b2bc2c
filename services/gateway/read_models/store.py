"""Redis as the read models use it: one trip for any number of calls, scripts loaded when missing,
quick failures while it is away.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha1
from pathlib import Path
from time import monotonic
from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ReadOnlyError, RedisError, ResponseError

from services.gateway.read_models.cluster import ClusterConnection
from services.gateway.read_models.connection import Call, Connection
from services.gateway.read_models.sentinel import MasterLocation
from shared.redis_address import RedisAddress

__all__ = ["Call", "Store", "pairs", "script"]

_LUA = Path(__file__).with_name("lua")
_INCLUDED = {name: (_LUA / f"{name}.lua").read_text() for name in ("overdue", "whole")}
_INCLUDING = ("pool", "desk", "room")
SCRIPTS = {
    path.stem: "".join(_INCLUDED.values()) * (path.stem in _INCLUDING) + path.read_text()
    for path in _LUA.glob("*.lua")
    if path.stem not in _INCLUDED
}
# Redis identifies scripts by this digest.
_DIGESTS = {name: sha1(text.encode()).hexdigest() for name, text in SCRIPTS.items()}  # noqa: S324
_AWAY_SECONDS = 1.0


class ModelLost(ResponseError):
    """A key of a read model lacks elements that were written: Redis evicted it."""


def script(name: str, key: str, *arguments: Any) -> Call:
    """A call of one of our scripts on a key, or on the keys of one tag by their stem."""
    return ("EVALSHA", _DIGESTS[name], 1, key, *arguments)


class Store:
    """Runs calls.

    After a failure `quick` calls are refused for a second, so that no reader waits for a server
    that is away.
    """

    def __init__(self, url: str) -> None:
        self.address = RedisAddress.parse(url)
        self.redis = self.address.client()
        # Readers do not wait behind a batch of events.
        self._connections = {quick: _connection(self.address) for quick in (False, True)}
        self._failed_at = -_AWAY_SECONDS

    async def run(self, *calls: Call, quick: bool = False) -> list[Any]:
        """The replies in order.

        Raises `RedisError` or `OSError`; then any of the calls may have taken effect.
        """
        if not calls:
            return []
        if quick and monotonic() < self._failed_at + _AWAY_SECONDS:
            raise RedisConnectionError("Redis was away a moment ago")
        connection = self._connections[quick]
        try:
            replies = await connection.run(calls)
            if isinstance(_first_error(replies), NoScriptError):
                loads = [("SCRIPT", "LOAD", text) for text in SCRIPTS.values()]
                _raise_error(await connection.run(loads))
                replies = await connection.run(calls)
            return _raise_error(replies)
        except ModelLost:
            raise
        except ReadOnlyError:
            # A master that was demoted; the next call asks who is one now.
            connection.close()
            self._failed_at = monotonic()
            raise
        except (RedisError, OSError):
            self._failed_at = monotonic()
            raise

    async def server_infos(self) -> Mapping[str, Mapping[str, Any]]:
        """What each server that holds keys says of itself, by the server's name."""
        sections = ("server", "memory", "stats")
        if self.address.kind != "cluster":
            return {"": await self.redis.info(*sections)}
        infos: Mapping[str, Mapping[str, Any]] = await self.redis.info(
            *sections, target_nodes=RedisCluster.PRIMARIES
        )
        return infos

    async def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        await self.redis.aclose()


def _connection(address: RedisAddress) -> Connection | ClusterConnection:
    match address.kind:
        case "cluster":
            return ClusterConnection(address)
        case "sentinel":
            location = MasterLocation(address)
            return Connection(address.node_url(address.endpoints[0]), location.locate)
    return Connection(address.url)


def _first_error(replies: Sequence[Any]) -> ResponseError | None:
    for reply in replies:
        if isinstance(reply, ResponseError):
            return reply
    return None


def _raise_error(replies: list[Any]) -> list[Any]:
    if error := _first_error(replies):
        raise ModelLost(str(error)) if str(error).startswith("LOST") else error
    return replies


def pairs(reply: Sequence[Any]) -> dict[str, Any]:
    """The reply of a script, or of HGETALL, that is names and values one after the other."""
    return {name.decode(): value for name, value in zip(reply[::2], reply[1::2], strict=True)}
