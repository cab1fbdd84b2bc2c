"""One stream of an installation that names the tenants of which something changed, and whose access
did: who listens to ten thousand tenants reads one stream, and then only those that changed.

Each process adds a beat of its own every second. Once it reads that again it has heard of
everything from before; whoever can't write or read here knows within seconds that it may miss
something.
"""

from collections.abc import Collection, Iterable
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from redis.exceptions import RedisError

from services.gateway.live.audience import order
from services.gateway.read_models.keys import changed
from services.gateway.read_models.store import Call
from shared.ids import EmployeeId, TenantId

LENGTH = 50_000
"""Wake-ups that are kept, about: a reader that has stood still is behind before these are gone."""
BEAT_SECONDS = 1.0
HEARD_SECONDS = 2.5
"""For how long after a beat that was heard nothing can have been missed unnoticed."""
_READ_AT_ONCE = 1_000


class Woken(NamedTuple):
    """What changed since the last time. With `all` something may have been missed."""

    tenants: set[TenantId]
    access: set[tuple[TenantId, EmployeeId]]
    all: bool = False


def wake_up(namespace: str, tenant_id: UUID, access: Iterable[UUID] = ()) -> Call:
    """The call that tells every gateway to read a tenant's stream, and the `access` of which
    employees to read anew. It comes after what it tells of.
    """
    fields = ("tenant", str(tenant_id), "access", ",".join(map(str, access)))
    return ("XADD", changed(namespace), "MAXLEN", "~", LENGTH, "*", *fields)


class WakeUps:
    """One process's place in the stream; `redis` is for what does not wait."""

    def __init__(self, redis: Any, namespace: str) -> None:
        self._redis, self._key = redis, changed(namespace)
        self._position: bytes = b"0-0"
        self._beat: tuple[int, int] | None = None
        self._beat_at = self._sent_at = 0.0
        self._since, self._until = float("inf"), 0.0

    def heard_since(self, moment: float) -> bool:
        """Whether every change of access since `moment` (monotonic seconds) has been heard."""
        return self._since <= moment and monotonic() < self._until

    async def start(self, reader: Any) -> None:
        """Begins at the stream's end; what came before is not heard."""
        self.lapse()
        newest = await reader.xrevrange(self._key, count=1)
        self._position = newest[0][0] if newest else b"0-0"
        self._beat_at, self._beat = 0.0, None

    def lapse(self) -> None:
        """Takes nothing as heard until the next beat is."""
        self._until = 0.0

    async def next(self, reader: Any) -> Woken:
        """Waits for wake-ups, at most until the next beat. Raises `RedisError` or `OSError`."""
        await self._add_beat()
        wait = max(1, int(1000 * (self._beat_at - monotonic())))
        streams = await reader.xread({self._key: self._position}, count=_READ_AT_ONCE, block=wait)
        tenants, access = set[TenantId](), set[tuple[TenantId, EmployeeId]]()
        for id_, fields in streams[0][1] if streams else ():
            self._position = id_
            if tenant := fields.get(b"tenant"):
                tenant_id = TenantId(UUID(tenant.decode()))
                tenants.add(tenant_id)
                access |= {(tenant_id, employee) for employee in _ids(fields[b"access"])}
        return Woken(tenants, access, self._hear_beat())

    async def _add_beat(self) -> None:
        now = monotonic()
        if now < self._beat_at:
            return
        self._beat_at = now + BEAT_SECONDS
        try:
            id_ = await self._redis.xadd(self._key, {"beat": ""}, maxlen=LENGTH, approximate=True)
        except (RedisError, OSError):
            # Neither can anybody else write then, and nothing is taken as heard.
            return
        self._beat, self._sent_at = order(id_.decode()), now

    def _hear_beat(self) -> bool:
        """Notes how far everything was heard; whether something was missed before that."""
        if self._beat is None or order(self._position.decode()) < self._beat:
            return False
        now, self._beat = monotonic(), None
        lapsed = now >= self._until
        if lapsed:
            self._since = now
        self._until = self._sent_at + HEARD_SECONDS
        return lapsed


def _ids(employees: bytes) -> Collection[EmployeeId]:
    return [EmployeeId(UUID(id_)) for id_ in employees.decode().split(",") if id_]
