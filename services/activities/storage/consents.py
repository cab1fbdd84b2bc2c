"""What people said about being called: added to, never changed."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from services.activities.domain.consents import Consent
from services.activities.domain.identity import number_of
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.consents import consent
from shared.db import Tx, compiled
from shared.db.transaction import Row

_c, _k = client.c, consent.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_INSERT = compiled(
    insert(consent).values(
        {column.name: bindparam(column.name, type_=column.type) for column in consent.c}
    )
)
_client_id = bindparam("client_id", type_=Uuid)
_rooms = bindparam("rooms", type_=ARRAY(Uuid))
_merged = select(_c.id).where(_c.tenant_id == _tenant_id, _c.merged_into == _client_id)
_PAGE = compiled(
    select(consent)
    .where(
        _k.tenant_id == _tenant_id,
        or_(
            _k.client_id == _client_id,
            _k.client_id == func.any(func.array(_merged.scalar_subquery())),
            _k.phone == func.any(bindparam("phones", type_=ARRAY(Text))),
        ),
        or_(
            _rooms.is_(None),
            _k.room_ids.op("&&")(_rooms),
            func.cardinality(_k.room_ids) == literal_column("0"),
        ),
        _k.id < bindparam("before", type_=Uuid),
    )
    .order_by(_k.id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)


async def insert_new(tx: Tx, new: Consent) -> None:
    await tx.rows(_INSERT, **asdict(new))


async def page_of(
    tx: Tx,
    client_id: UUID | None,
    phones: Sequence[str],
    rooms: Sequence[UUID] | None,
    before: UUID,
    limit: int,
) -> list[Row]:
    """What people of `rooms`, None for all, heard from a client, those merged into it, and any of
    `phones` and their numbers; the newest entry first.
    """
    numbers = {number_of(phone) for phone in phones}
    return await tx.rows(
        _PAGE,
        client_id=client_id,
        phones=sorted({*phones, *numbers}),
        rooms=rooms,
        before=before,
        limit=limit,
    )
