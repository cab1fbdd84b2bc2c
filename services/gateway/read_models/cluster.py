"""Calls to a cluster: each goes to the node that has its key's slot, by the shared connection to
that node.

Where the slot went is learned from the nodes' own replies (MOVED, ASK), and from any of them once a
node does not answer. Every call of ours has keys of one tag only.
"""

import asyncio
from binascii import crc_hqx
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from functools import lru_cache
from time import monotonic
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from services.gateway.read_models.connection import Call, Connection
from shared.redis_address import Endpoint, RedisAddress

SLOTS = 16_384
HOPS = 5
"""How often a call is sent on before it counts as failed: slots that move are at rest sooner."""
_AGAIN_SECONDS = 0.05
_LEARN_SECONDS = 1.0
"""Between two looks at the cluster that only a failure caused."""
_EVERY_NODE = frozenset({"SCRIPT"})
_KEY_AT = {"EVALSHA": 3}


class ClusterConnection:
    """The connections by node, opened on first use; one that left is forgotten with its slots."""

    def __init__(self, address: RedisAddress) -> None:
        self._address = address
        self._nodes: dict[Endpoint, Connection] = {}
        self._slots: list[Endpoint | None] = []
        self._learning = asyncio.Lock()
        self._learned_at = -_LEARN_SECONDS

    async def run(self, calls: Sequence[Call]) -> list[Any]:
        """The replies in the calls' order, errors among them.

        Raises as `Connection.run`.
        """
        if not self._slots:
            await self._learn()
        if calls[0][0] in _EVERY_NODE:
            return await self._run_everywhere(calls)
        replies: list[Any] = [None] * len(calls)
        for batch in _batches(calls):
            await self._run_batch(calls, batch, replies)
        return replies

    def close(self) -> None:
        for node in self._nodes.values():
            node.close()

    async def _run_batch(
        self, calls: Sequence[Call], pending: Sequence[int], replies: list[Any]
    ) -> None:
        for hop in range(HOPS):
            await self._send([calls[index] for index in pending], pending, replies)
            pending = [index for index in pending if _is_redirection(replies[index])]
            if not pending:
                break
            await self._follow(calls, pending, replies)
            pending = [index for index in pending if _is_redirection(replies[index])]
            if not pending:
                break
            await asyncio.sleep(_AGAIN_SECONDS * hop)

    async def _send(
        self, calls: Sequence[Call], indexes: Sequence[int], replies: list[Any]
    ) -> None:
        by_node: dict[Endpoint, list[int]] = {}
        for position, call in enumerate(calls):
            node = self._slots[slot_of(call)]
            if node is None:
                await self._learn_after_failure()
                raise RedisConnectionError("a slot of the cluster has no node")
            by_node.setdefault(node, []).append(position)
        sent = [
            (positions, self._node(node).start([calls[position] for position in positions]))
            for node, positions in by_node.items()
        ]
        for positions, answers in zip(
            by_node.values(), await self._all([answer for _, answer in sent]), strict=True
        ):
            for position, reply in zip(positions, answers, strict=True):
                replies[indexes[position]] = reply

    async def _all(self, answers: Sequence[Awaitable[list[Any]]]) -> list[list[Any]]:
        """Every answer; a failure is raised once none is outstanding any more."""
        gathered, failure = list[list[Any]](), None
        for answer in answers:
            try:
                gathered.append(await answer)
            except (RedisError, OSError) as error:
                failure = error
        if failure:
            await self._learn_after_failure()
            raise failure
        return gathered

    async def _follow(
        self, calls: Sequence[Call], indexes: Sequence[int], replies: list[Any]
    ) -> None:
        """Notes where slots went; a slot on its way is asked for where it goes."""
        asked: dict[Endpoint, list[int]] = defaultdict(list)
        for index in indexes:
            kind, *rest = str(replies[index]).split()
            if kind == "MOVED":
                self._slots[int(rest[0])] = self._endpoint(rest[1])
            elif kind == "ASK":
                asked[self._endpoint(rest[1])].append(index)
            else:
                await self._learn_after_failure()
        for node, positions in asked.items():
            pairs = [pair for index in positions for pair in (("ASKING",), calls[index])]
            answers = await self._node(node).run(pairs)
            for index, reply in zip(positions, answers[1::2], strict=True):
                replies[index] = reply

    async def _run_everywhere(self, calls: Sequence[Call]) -> list[Any]:
        """The calls on every node that has slots; one node's replies."""
        answers = await self._all(
            [self._node(node).start(calls) for node in {*self._slots} if node is not None]
        )
        for replies in answers:
            if any(isinstance(reply, ResponseError) for reply in replies):
                return replies
        return answers[0]

    def _node(self, endpoint: Endpoint) -> Connection:
        connection = self._nodes.get(endpoint)
        if connection is None:
            connection = Connection(self._address.node_url(endpoint))
            self._nodes[endpoint] = connection
        return connection

    def _endpoint(self, text: str) -> Endpoint:
        host, _, port = text.rpartition(":")
        return host or self._address.endpoints[0][0], int(port)

    async def _learn_after_failure(self) -> None:
        if monotonic() >= self._learned_at + _LEARN_SECONDS:
            try:
                await self._learn()
            except (RedisError, OSError):
                return

    async def _learn(self) -> None:
        """Asks the nodes one after the other which of them has which slot."""
        started = monotonic()
        async with self._learning:
            if self._slots and self._learned_at >= started:
                return
            failure: Exception = RedisConnectionError("no node of the cluster answers")
            for endpoint in dict.fromkeys((*self._nodes, *self._address.endpoints)):
                try:
                    (reply,) = await self._node(endpoint).run([("CLUSTER", "SLOTS")])
                    if isinstance(reply, ResponseError):
                        raise reply
                except (RedisError, OSError) as error:
                    failure = error
                    continue
                self._adopt(reply, endpoint)
                self._learned_at = monotonic()
                return
            self._learned_at = monotonic()
            raise failure

    def _adopt(self, ranges: Sequence[Any], source: Endpoint) -> None:
        slots: list[Endpoint | None] = [None] * SLOTS
        for first, last, primary, *_ in ranges:
            endpoint = (primary[0].decode() or source[0], int(primary[1]))
            slots[first : last + 1] = [endpoint] * (last - first + 1)
        self._slots = slots
        left = self._nodes.keys() - {*slots, *self._address.endpoints, source}
        for endpoint in left:
            self._nodes.pop(endpoint).close()


def _batches(calls: Sequence[Call]) -> Sequence[Sequence[int]]:
    """The calls, by index, that are sent at once: one that appends to a stream comes after those
    before it, as whoever is woken by it reads what they wrote.
    """
    batches: list[list[int]] = [[]]
    slot = None
    for index, call in enumerate(calls):
        if call[0] == "XADD":
            if slot is not None and slot != slot_of(call):
                batches.append([])
            slot = slot_of(call)
        batches[-1].append(index)
    return batches


def slot_of(call: Call) -> int:
    """The slot of a call's key, text or UTF-8, by its tag."""
    key = call[_KEY_AT.get(call[0], 1)]
    if isinstance(key, bytes):
        key = key.decode()
    start = key.find("{")
    end = key.find("}", start + 1)
    return _slot(key[start + 1 : end] if start >= 0 and end > start + 1 else key)


@lru_cache(maxsize=50_000)
def _slot(tag: str) -> int:
    return crc_hqx(tag.encode(), 0) % SLOTS


_REDIRECTIONS = frozenset({"MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"})


def _is_redirection(reply: Any) -> bool:
    return isinstance(reply, ResponseError) and str(reply).partition(" ")[0] in _REDIRECTIONS
