"""Imports, the rows of their files in packed chunks, and mappings that are remembered."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.imports import ImportKind
from services.activities.storage.tables.imports import import_chunk, import_file, import_mapping
from services.activities.storage.tables.uploads import upload
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import EmployeeId
from shared.jobs.tables import JOB

TableRow = list[Any]
"""The number of a row, and its cells."""
_f, _c, _m, _j = import_file.c, import_chunk.c, import_mapping.c, JOB.c
_tenant_id, _id = bindparam("tenant_id", type_=Uuid), bindparam("id", type_=Uuid)
_upload_id = bindparam("upload_id", type_=Uuid)
_position = bindparam("position", type_=Integer)
_now, _limit = bindparam("now", type_=Moment), bindparam("limit", type_=BigInteger)
_rooms = bindparam("rooms", type_=ARRAY(Uuid))
_is_it = and_(_f.tenant_id == _tenant_id, _f.id == _id)
_own = {
    column.name: bindparam(column.name, type_=column.type)
    for column in import_file.c
    if column.name not in ("tenant_id", "version", "created_at", "changed_at")
}
_beside = (
    exists(
        select(upload.c.id).where(upload.c.tenant_id == _f.tenant_id, upload.c.id == _f.upload_id)
    ).label("has_rows"),
    *(_j[name].label(f"job_{name}") for name in ("kind", "state", "done", "total", "refused")),
    _j.error.label("job_error"),
    _j.finished_at.label("job_finished_at"),
)
_with_job = import_file.outerjoin(JOB, and_(_j.tenant_id == _f.tenant_id, _j.id == _f.job_id))
_FIND = compiled(select(import_file, *_beside).select_from(_with_job).where(_is_it))
_LOCK = compiled(
    select(func.clock_timestamp().label("now"), import_file).where(_is_it).with_for_update()
)
_LIST = compiled(
    select(import_file, *_beside)
    .select_from(_with_job)
    .where(
        _f.tenant_id == _tenant_id,
        or_(_rooms.is_(None), _f.room_id == func.any(_rooms)),
        or_(bindparam("kind", type_=Text).is_(None), _f.kind == bindparam("kind", type_=Text)),
        _f.id < bindparam("before", type_=Uuid),
    )
    .order_by(_f.id.desc())
    .limit(_limit)
)
_SAME = compiled(
    select(_f.id)
    .select_from(_with_job)
    .where(
        _f.tenant_id == _tenant_id,
        _f.sha256 == bindparam("sha256", type_=LargeBinary),
        _f.kind == bindparam("kind", type_=Text),
        _f.room_id == bindparam("room_id", type_=Uuid),
        _f.company_id == bindparam("company_id", type_=Uuid),
        _f.expires_at > func.now(),
        _f.error.is_(None),
        or_(_f.row_count.is_not(None), _j.finished_at.is_(None)),
    )
    .order_by(_f.id.desc())
    .limit(literal(1))
)
_ADD = compiled(
    insert(import_file)
    .values(tenant_id=_tenant_id, version=literal(1), created_at=_now, changed_at=_now, **_own)
    .returning(import_file)
)
_SAVE = compiled(
    update(import_file)
    .where(_is_it)
    .values(
        version=_f.version + 1,
        changed_at=_now,
        **{name: bind for name, bind in _own.items() if name != "id"},
    )
    .returning(import_file)
)
_REMOVE = compiled(delete(import_file).where(_is_it))
_ADD_CHUNK = compiled(
    insert(import_chunk).values(
        tenant_id=_tenant_id,
        upload_id=_upload_id,
        position=_position,
        first_row=bindparam("first_row", type_=Integer),
        content=bindparam("content", type_=LargeBinary),
    )
)
_of_upload = and_(_c.tenant_id == _tenant_id, _c.upload_id == _upload_id)
_CHUNK = compiled(select(_c.content).where(_of_upload, _c.position == _position))
_mapping_is_it = and_(
    _m.tenant_id == _tenant_id,
    _m.kind == bindparam("kind", type_=Text),
    _m.header_key == bindparam("header_key", type_=LargeBinary),
)
_MAPPING = compiled(select(_m.fields).where(_mapping_is_it))
_new_mapping = upsert(import_mapping).values(
    tenant_id=_tenant_id,
    kind=bindparam("kind", type_=Text),
    header_key=bindparam("header_key", type_=LargeBinary),
    fields=bindparam("fields", type_=_m.fields.type),
    changed_at=_now,
    changed_by=bindparam("by", type_=Uuid),
)
_REMEMBER = compiled(
    _new_mapping.on_conflict_do_update(
        index_elements=["tenant_id", "kind", "header_key"],
        set_={name: _new_mapping.excluded[name] for name in ("fields", "changed_at", "changed_by")},
    )
)


async def find(tx: Tx, import_id: UUID) -> Row | None:
    """An import with its last job, and whether its rows are still kept."""
    return await tx.row(_FIND, id=import_id)


async def lock(tx: Tx, import_id: UUID) -> Row:
    """An import, locked until the transaction ends. Raises `NotFound`."""
    row = await tx.row(_LOCK, id=import_id)
    if row is None:
        raise NotFound("import")
    tx.at(row["now"])
    return row


async def find_same(tx: Tx, **about: Any) -> UUID | None:
    """The import of the very same file (`sha256`) as the same `kind`, for the same `room_id` and
    `company_id`, that is still kept and could be read.
    """
    row = await tx.row(_SAME, **about)
    return row["id"] if row else None


async def page_of(
    tx: Tx, rooms: Sequence[UUID] | None, kind: ImportKind | None, before: UUID, limit: int
) -> list[Row]:
    """Up to `limit` imports of those rooms, the newest first, with ids below `before`."""
    return await tx.rows(_LIST, rooms=rooms, kind=kind, before=before, limit=limit)


async def add(tx: Tx, values: Mapping[str, Any]) -> Row:
    """Writes a new import."""
    empty = dict.fromkeys(_own)
    row = await tx.row(_ADD, **{**empty, **values, "now": await tx.read_clock()})
    assert row
    return row


async def save(tx: Tx, import_: Row, **changes: Any) -> Row:
    """Writes changes of a locked import, one version later."""
    row = await tx.row(_SAVE, **{**import_, **changes, "now": tx.now})
    assert row
    return row


async def remove(tx: Tx, import_id: UUID) -> None:
    """Removes a locked import; its file is removed by itself."""
    await tx.rows(_REMOVE, id=import_id)


async def add_chunk(tx: Tx, upload_id: UUID, position: int, rows: Sequence[TableRow]) -> None:
    """Keeps some rows of a file, packed."""
    content = zlib.compress(orjson.dumps(rows), 1)
    await tx.rows(
        _ADD_CHUNK, upload_id=upload_id, position=position, first_row=rows[0][0], content=content
    )


async def read_chunk(tx: Tx, upload_id: UUID, position: int) -> list[TableRow] | None:
    """The rows of a chunk, counted from 0; None behind the last."""
    row = await tx.row(_CHUNK, upload_id=upload_id, position=position)
    return orjson.loads(zlib.decompress(row["content"])) if row else None


async def remembered(tx: Tx, kind: ImportKind, header_key: bytes) -> dict[str, str]:
    """The fields of columns, by their keys, as somebody said of such a table before."""
    row = await tx.row(_MAPPING, kind=kind, header_key=header_key)
    return dict(row["fields"]) if row else {}


async def remember(
    tx: Tx, kind: ImportKind, header_key: bytes, fields: Mapping[str, str], by: EmployeeId
) -> None:
    """Remembers the fields of columns for the next table of that shape."""
    await tx.rows(
        _REMEMBER, kind=kind, header_key=header_key, fields=dict(fields), by=by, now=tx.now
    )
