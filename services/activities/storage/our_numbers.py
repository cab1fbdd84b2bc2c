"""Phone numbers of ours that clients call."""

from sqlalchemy import Text, Uuid, bindparam, select

from services.activities.storage.tables.inbound import our_number
from shared.db import Tx, compiled
from shared.db.transaction import Row

_n = our_number.c
_FIND = compiled(
    select(our_number).where(
        _n.tenant_id == bindparam("tenant_id", type_=Uuid),
        _n.number == bindparam("number", type_=Text),
    )
)


async def find(tx: Tx, number: str) -> Row | None:
    """The entry of a number in its canonical form, also an archived one."""
    return await tx.row(_FIND, number=number)
