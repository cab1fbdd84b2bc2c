"""The VIPs of a tenant in pages, for activities, which compares its replica of their holders."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, select

from services.vip.events import state_of
from services.vip.storage.mapping import vip_of
from services.vip.storage.tables import vip
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.events.vip import VipProgressed
from shared.money import MoneySum
from shared.replicas.snapshot import Snapshot

PAGE = 500
_NOTHING = Decimal("0.00")
_PAGE = compiled(
    select(vip)
    .where(
        vip.c.tenant_id == bindparam("tenant_id", type_=Uuid),
        vip.c.id > bindparam("after", type_=Uuid),
    )
    .order_by(vip.c.id)
    .limit(bindparam("limit", type_=BigInteger))
)


async def find_page(tx: Tx, kind: str, after: UUID) -> list[Snapshot]:
    """The VIPs whose ids follow `after`, without their receipts. Raises `NotFound` for another
    kind.
    """
    if kind != "vip":
        raise NotFound(kind[:40])
    vips = map(vip_of, await tx.rows(_PAGE, after=after, limit=PAGE))
    return [
        Snapshot.of(
            VipProgressed.build(
                vip_id=vip.id,
                by=None,
                state=state_of(vip, MoneySum.build(amount=_NOTHING, currency=vip.currency)),
            ),
            vip.id,
            vip.version,
        )
        for vip in vips
    ]
