"""A room's pool as the read model has it."""

from datetime import UTC, datetime
from uuid import UUID

from services.gateway.read_models.generations import Generations
from services.gateway.read_models.store import script
from shared.paging import cursor_of
from shared.tenancy import Caller


async def page(
    generations: Generations,
    caller: Caller,
    room_id: UUID,
    company_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> bytes | None:
    """The JSON answer, ready; None where no whole model is to be had or the room is not known to be
    the tenant's.

    Raises `RedisError` or `OSError` when Redis is away.
    """
    named = generations.seen
    for _ in range(2):
        keys = generations.keys(named.live or "-")
        arguments = (
            str(company_id or ""),
            str(after or ""),
            limit,
            int(datetime.now(UTC).timestamp() * 1000),
        )
        raw, known, found = await generations.store.run(
            generations.call,
            ("HEXISTS", keys.tenant(caller.tenant_id) + "rooms", str(room_id)),
            script("pool", keys.room(caller.tenant_id, room_id), *arguments),
            quick=True,
        )
        asked, named = named.live, generations.heard(raw)
        if named.live is None:
            return None
        if named.live == asked:
            return _joined(*found) if known else None
    return None


def _joined(last: bytes, fragments: bytes) -> bytes:
    """The cursor is the one that the owning service understands too."""
    cursor = f'"{cursor_of(last.decode())}"'.encode() if last else b"null"
    return b'{"items":[' + fragments + b'],"next_cursor":' + cursor + b"}"
