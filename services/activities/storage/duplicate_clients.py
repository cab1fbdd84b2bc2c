"""Clients in the order of ids, and their identities in the order of values: to find those that are
one.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, any_, bindparam, func, select, tuple_

from services.activities.storage.tables.clients import client, client_identity
from shared.db import Tx, compiled
from shared.db.transaction import Row

_c, _i = client.c, client_identity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_present = (_c.tenant_id == _tenant_id, _c.merged_into.is_(None))
_CLIENTS = compiled(
    select(_c.id, _c.inn, _c.phones, _c.emails)
    .where(*_present, _c.id > bindparam("after", type_=Uuid))
    .order_by(_c.id)
    .limit(_limit)
)
_COUNT = compiled(select(func.count().label("count")).select_from(client).where(*_present))
_last = tuple_(
    bindparam("kind", type_=Text),
    bindparam("value", type_=Text),
    bindparam("client_id", type_=Uuid),
)
_IDENTITIES = compiled(
    select(_i.kind, _i.value, _i.client_id)
    .where(_i.tenant_id == _tenant_id, tuple_(_i.kind, _i.value, _i.client_id) > _last)
    .order_by(_i.kind, _i.value, _i.client_id)
    .limit(_limit)
)
_OF_IDS = compiled(
    select(_c.id, _c.kind, _c.inn, _c.kpp, _c.phones, _c.emails)
    .where(*_present, _c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(_c.id)
)


async def page_of_clients(tx: Tx, after: UUID, limit: int) -> list[Row]:
    """Up to `limit` clients with ids past `after`, those merged into others left out."""
    return await tx.rows(_CLIENTS, after=after, limit=limit)


async def count_clients(tx: Tx) -> int:
    row = await tx.row(_COUNT)
    assert row
    return int(row["count"])


async def page_of_identities(tx: Tx, last: tuple[str, str, UUID], limit: int) -> list[Row]:
    """Up to `limit` identities with their clients past the `last`, by kind and value."""
    kind, value, client_id = last
    return await tx.rows(_IDENTITIES, kind=kind, value=value, client_id=client_id, limit=limit)


async def clients_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Those of the clients that are not merged into others, the oldest first."""
    return {row["id"]: row for row in await tx.rows(_OF_IDS, ids=list(ids))}
