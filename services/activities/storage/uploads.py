"""Files that were uploaded: kept in chunks, so that a job reads one at a time, and removed when
they have expired.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Integer,
    LargeBinary,
    Uuid,
    bindparam,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy import insert as insert_into

from services.activities.storage.tables.uploads import upload, upload_chunk
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import EmployeeId, UploadId, new_id

CHUNK = 256 << 10
"""Bytes of a chunk."""
KEPT = timedelta(days=7)
"""How long a file is kept unless its owner says otherwise."""
_u, _c = upload.c, upload_chunk.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id, _now = bindparam("id", type_=Uuid), bindparam("now", type_=Moment)
_limit = bindparam("limit", type_=BigInteger)
_is_it = (_u.tenant_id == _tenant_id, _u.id == _id)
_ADD = compiled(
    insert_into(upload).values(
        {
            column.name: bindparam(column.name, type_=column.type)
            for column in upload.c
            if column.name != "tenant_id"
        }
        | {"tenant_id": _tenant_id}
    )
)
_ADD_CHUNK = compiled(
    insert_into(upload_chunk).values(
        tenant_id=_tenant_id,
        upload_id=_id,
        position=bindparam("position", type_=Integer),
        content=bindparam("content", type_=LargeBinary),
    )
)
_FIND = compiled(select(upload).where(*_is_it))
_READ = compiled(
    select(_c.content).where(
        _c.tenant_id == _tenant_id,
        _c.upload_id == _id,
        _c.position == bindparam("position", type_=Integer),
    )
)
_KEEP = compiled(
    update(upload)
    .where(*_is_it)
    .values(expires_at=func.greatest(_u.expires_at, bindparam("until", type_=Moment)))
)
_REMOVE = compiled(delete(upload).where(*_is_it))
_DROP_CONTENT = compiled(
    delete(upload_chunk).where(_c.tenant_id == _tenant_id, _c.upload_id == _id)
)
_expired = (
    select(_u.tenant_id, _u.id)
    .where(_u.tenant_id == _tenant_id, _u.expires_at <= _now)
    .order_by(_u.expires_at)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
_REMOVE_EXPIRED = compiled(
    delete(upload).where(tuple_(_u.tenant_id, _u.id).in_(_expired)).returning(_u.id)
)
TENANTS_WITH_EXPIRED = compiled(
    select(func.distinct(_u.tenant_id).label("tenant_id"))
    .where(_u.expires_at <= _now)
    .limit(_limit)
)


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A file as it came: `purpose` says what it is for, `name` what its sender called it."""

    purpose: str
    name: str
    content: bytes
    created_by: EmployeeId | None
    kept: timedelta = KEPT


async def add(tx: Tx, new: NewUpload) -> UploadId:
    """Keeps a file until it expires."""
    now, upload_id = await tx.read_clock(), UploadId(new_id())
    await tx.rows(
        _ADD,
        id=upload_id,
        purpose=new.purpose,
        name=new.name,
        size=len(new.content),
        sha256=sha256(new.content).digest(),
        created_by=new.created_by,
        created_at=now,
        expires_at=now + new.kept,
    )
    for position, content in enumerate(_chunks(new.content)):
        await tx.rows(_ADD_CHUNK, id=upload_id, position=position, content=content)
    return upload_id


def _chunks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


async def find(tx: Tx, upload_id: UUID) -> Row | None:
    """What is known of a file, without its content; None once it has been removed."""
    return await tx.row(_FIND, id=upload_id)


async def read(tx: Tx, upload_id: UUID, position: int) -> bytes | None:
    """A chunk of a file, counted from 0; None behind its end."""
    row = await tx.row(_READ, id=upload_id, position=position)
    return bytes(row["content"]) if row else None


async def keep(tx: Tx, upload_id: UUID, until: datetime) -> None:
    """Keeps a file until a moment at least."""
    await tx.rows(_KEEP, id=upload_id, until=until)


async def remove(tx: Tx, upload_id: UUID) -> None:
    """Removes a file that is needed no more, with all that was read from it."""
    await tx.rows(_REMOVE, id=upload_id)


async def drop_content(tx: Tx, upload_id: UUID) -> None:
    """Removes the bytes of a file, and keeps what is known of it."""
    await tx.rows(_DROP_CONTENT, id=upload_id)


async def remove_expired(tx: Tx, now: datetime, limit: int) -> int:
    """Removes up to `limit` files that have expired by `now`; how many they were."""
    return len(await tx.rows(_REMOVE_EXPIRED, now=now, limit=limit))
