"""The source that renewals come from: one in a tenant, made when it is first needed."""

from sqlalchemy import Text, Uuid, bindparam, literal, literal_column, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables.directory import source
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import SourceId, derived_id

NAME = "Автопродление"

_s = source.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_now = bindparam("now", type_=Moment)
_FIND = compiled(
    select(_s.id)
    .where(_s.tenant_id == _tenant_id, _s.kind == "renewal")
    .order_by(_s.id)
    .limit(literal_column("1"))
)
_INSERT = compiled(
    upsert(source)
    .values(
        tenant_id=_tenant_id,
        id=bindparam("id", type_=Uuid),
        version=literal(1),
        created_at=_now,
        changed_at=_now,
        name=bindparam("name", type_=Text),
        channel=bindparam("name", type_=Text),
        kind="renewal",
    )
    .on_conflict_do_nothing()
    .returning(source)
)


async def find(tx: Tx) -> SourceId | None:
    """The tenant's source of renewals: the first that an admin created, or our own."""
    row = await tx.row(_FIND)
    return SourceId(row["id"]) if row else None


async def insert_new(tx: Tx) -> Row | None:
    """Creates it; None where somebody else has just done so."""
    id_ = own_id(tx)
    return await tx.row(_INSERT, id=id_, name=NAME, now=tx.now)


def own_id(tx: Tx) -> SourceId:
    """The id of the source that we create, the same for all who do so at once."""
    return SourceId(derived_id(tx.tenant_id, "source of renewals"))
