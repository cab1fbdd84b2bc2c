"""How forms of sites are read, by key and by the sender's id of the form."""

from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, literal_column, or_, select

from services.activities.storage.tables.inbound import site_form
from shared.db import Tx, compiled
from shared.db.transaction import Row

_f = site_form.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_key_id, _form_id = bindparam("key_id", type_=Uuid), bindparam("form_id", type_=Text)
_FIND = compiled(
    select(site_form)
    .where(
        _f.tenant_id == _tenant_id,
        _f.archived.is_(False),
        or_(_f.key_id.is_(None), _f.key_id == _key_id),
        or_(_f.form_id.is_(None), _f.form_id == _form_id),
    )
    .order_by(_f.form_id.is_(None), _f.key_id.is_(None), _f.id)
    .limit(literal_column("1"))
)
_FIND_SAME = compiled(
    select(_f.id).where(
        _f.tenant_id == _tenant_id,
        _f.archived.is_(False),
        _f.key_id.is_not_distinct_from(_key_id),
        _f.form_id.is_not_distinct_from(_form_id),
    )
)


async def find(tx: Tx, key_id: UUID, form_id: str | None) -> Row | None:
    """How a form that came by the key is read: by the setting for that form, else for the key, else
    for all.
    """
    return await tx.row(_FIND, key_id=key_id, form_id=form_id)


async def find_same(tx: Tx, key_id: UUID | None, form_id: str | None) -> UUID | None:
    """The setting for the very same key and form, which there is once."""
    row = await tx.row(_FIND_SAME, key_id=key_id, form_id=form_id)
    return row["id"] if row else None
