"""A room's pool from the read model: one trip, fragments joined as they are."""

from datetime import datetime
from uuid import UUID

from services.gateway.read_models.fragments import milliseconds
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call, pairs, script
from shared.paging import cursor_of
from shared.tenancy import Caller


async def read_page(
    generations: Generations,
    caller: Caller,
    room_id: UUID,
    company_id: UUID | None,
    after: UUID | None,
    limit: int,
    now: datetime,
) -> bytes | None:
    """The JSON of a page; None without a complete model, or where the room is not known to be the
    tenant's.

    Raises `RedisError` or `OSError`.
    """
    arguments = (str(company_id or ""), str(after or ""), limit, milliseconds(now))

    def calls(generation: Keys) -> dict[str, Call]:
        keys = generation.of(caller.tenant_id)
        return {
            "is_known": ("HEXISTS", keys.tenant("rooms"), str(room_id)),
            "page": script("pool", keys.room(room_id), *arguments),
        }

    replies = await generations.read_live(calls)
    if replies is None or not replies["is_known"]:
        return None
    page = pairs(replies["page"])
    return _render(page["fragments"], page["last_id"].decode())


def _render(fragments: bytes, last_id: str) -> bytes:
    """The cursor is one that the owning service understands too."""
    cursor = f'"{cursor_of(last_id)}"'.encode() if last_id else b"null"
    return b'{"items":[' + fragments + b'],"next_cursor":' + cursor + b"}"
