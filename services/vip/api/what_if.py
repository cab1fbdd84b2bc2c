"""What other limits would have done to a room."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.vip.api.responses import VipWithoutPlace
from services.vip.queries import what_if as queries
from services.vip.queries.what_if import OtherLimits
from shared.clock import Moment
from shared.ids import CompanyId, RoomId
from shared.web.callers import Head
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["VIP"])
Places = Annotated[int, Query(ge=0, le=10_000, description="Places of one seller.")]
Since = Annotated[Moment, Query(description="The first moment that is judged.")]
Until = Annotated[Moment, Query(description="The first moment after it.")]


@router.get("/vip/places/what-if", responses=responses(list[VipWithoutPlace]))
async def list_vips_without_place(
    room_id: RoomId,
    company_id: CompanyId,
    since: Since,
    until: Until,
    in_development_limit: Places,
    by_receipts_limit: Places,
    caller: Head,
    commands: Commands,
) -> JsonBytes:
    """For which VIPs a room's sellers would have had no place by other limits, the earliest first,
    at most a thousand: who was held at `since` stays, and one without a place takes none from those
    that come later.
    """
    asked = OtherLimits(
        room_id,
        company_id,
        since,
        until,
        {"in_development": in_development_limit, "by_receipts": by_receipts_limit},
    )
    return await commands.read(caller, lambda tx: queries.list_without_place(tx, asked, caller))
