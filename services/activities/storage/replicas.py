"""Copies of what the vip service decides."""

from sqlalchemy import Uuid, bindparam
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables import vip_holder
from shared.db import compiled

_values = {
    column.name: bindparam(column.name, type_=column.type)
    for column in vip_holder.c
    if column.name != "tenant_id"
}
_insert = upsert(vip_holder).values(tenant_id=bindparam("tenant_id", type_=Uuid), **_values)
KEEP_HOLDER = compiled(
    _insert.on_conflict_do_update(
        index_elements=["tenant_id", "company_id", "client_id"],
        set_={
            name: _insert.excluded[name]
            for name in ("vip_id", "version", "responsible_id", "reset_due_at")
        },
        where=vip_holder.c.version < _insert.excluded.version,
    )
)
