"""Streams wherever they are: a client that waits for one, and reads of many, each at its node."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import SlotNotCoveredError

from shared.redis_address import RedisAddress

Entries = list[tuple[bytes, dict[bytes, bytes]]]


class Streams:
    """`redis` sends any call to the server that has its key."""

    def __init__(self, address: RedisAddress) -> None:
        self._address = address
        self.redis: Any = address.client()
        self._waiting: dict[str, Any] = {}

    async def waiting_client(self, key: str) -> Any:
        """A client of the server that has `key` now, for reads that block.

        Raises `RedisError` or `OSError`.
        """
        if self._address.kind != "cluster":
            return self.redis
        await self.redis.initialize()
        await self.redis.nodes_manager.initialize()
        try:
            node = self.redis.get_node_from_key(key)
        except SlotNotCoveredError as error:
            raise RedisConnectionError(str(error)) from error
        url = self._address.node_url((node.host, int(node.port)))
        if url not in self._waiting:
            self._waiting[url] = self._address.node_client(url)
        return self._waiting[url]

    async def read(
        self, reader: Any, positions: Mapping[str, bytes], count: int
    ) -> Sequence[tuple[bytes, Entries]]:
        """What is behind `positions`, up to `count` entries of each stream; of one server in one
        call on its `reader`. Raises `RedisError` or `OSError`.
        """
        if self._address.kind != "cluster":
            return await reader.xread(positions, count=count) or ()
        reads = (self.redis.xread({key: positions[key]}, count=count) for key in positions)
        replies = await asyncio.gather(*reads)
        return [stream for reply in replies for stream in reply or ()]

    async def close(self) -> None:
        for client in (self.redis, *self._waiting.values()):
            await client.aclose()
