"""A seller's places for VIPs."""

from fastapi import APIRouter

from services.vip.api.responses import SellerPlaces
from services.vip.queries import places as queries
from shared.ids import CompanyId, RoomId
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["VIP"])


@router.get("/vip/places", responses=responses(list[SellerPlaces]))
async def list_vip_places(
    room_id: RoomId, company_id: CompanyId, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """How many places each seller of a room has taken for a company, how many there are, and who
    waits for one by receipts.
    """
    return await commands.read(
        caller, lambda tx: queries.list_places(tx, room_id, company_id, caller)
    )
