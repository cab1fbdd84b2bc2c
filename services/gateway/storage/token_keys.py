"""Statements on the generations of access tokens' keys; they are the installation's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import TOKEN_KEY
from shared.db import Tx, compiled
from shared.db.tables import Moment

_FIND_ALL = compiled(select(TOKEN_KEY).order_by(TOKEN_KEY.c.starts_at))
_ADD = compiled(
    insert(TOKEN_KEY).values(name=bindparam("name"), starts_at=bindparam("starts_at", type_=Moment))
)
_DELETE = compiled(
    delete(TOKEN_KEY).where(TOKEN_KEY.c.starts_at >= bindparam("since", type_=Moment))
)


async def find_all(tx: Tx) -> Sequence[Any]:
    """Every generation, oldest first."""
    return await tx.rows(_FIND_ALL)


async def add(tx: Tx, name: str, starts_at: datetime) -> None:
    """Adds a generation that signs from `starts_at` on."""
    await tx.rows(_ADD, name=name, starts_at=starts_at)


async def delete_since(tx: Tx, moment: datetime) -> None:
    """Deletes generations that start at `moment` or later."""
    await tx.rows(_DELETE, since=moment)
