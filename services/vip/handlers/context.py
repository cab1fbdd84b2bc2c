"""What a command names, from our copies; where one has not come yet, or may be old, its owner is
asked before anything is refused.
"""

from services.vip.domain.room_settings import DEFAULTS, RoomSettings
from services.vip.replicas import Fetched, ReplicaMissing, Wanted
from services.vip.storage import directory
from shared.db import Tx
from shared.errors import Invalid, NotFound, Refusal
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, derived_id


class NotOfTheRoom(Refusal):
    """The employee is no active seller of the room."""

    code = "not_of_the_room"


async def claimed(
    tx: Tx, asked: Fetched, room_id: RoomId, company_id: CompanyId, client_id: ClientId
) -> str:
    """The company's currency.

    Raises `NotFound`, or `Invalid` where the room does not sell for the company.
    """
    known = await directory.named(tx, room_id, company_id, client_id)
    missing = {
        ("company", company_id): known.currency is None,
        ("room", room_id): known.company_ids is None or company_id not in known.company_ids,
        ("client", client_id): not known.client_known,
    }
    _ask({wanted for wanted, is_missing in missing.items() if is_missing}, asked)
    if known.currency is None:
        raise NotFound("company", "company_id")
    if known.company_ids is None:
        raise NotFound("room", "room_id")
    if company_id not in known.company_ids:
        raise Invalid("room_id", "sold_in_room")
    if not known.client_known:
        raise NotFound("client", "client_id")
    return known.currency


async def room_settings(
    tx: Tx, asked: Fetched, room_id: RoomId, company_id: CompanyId
) -> RoomSettings:
    """The room's numbers for the company; they do not change until the transaction ends."""
    known = await directory.find_settings(tx, room_id, company_id, hold=True)
    if known is None:
        _ask({("room_settings", derived_id(room_id, company_id))}, asked)
    return known or DEFAULTS


async def require_seller(tx: Tx, asked: Fetched, employee_id: EmployeeId, room_id: RoomId) -> None:
    """Raises `NotFound` for an employee nobody knows, `NotOfTheRoom` for one who does not sell in
    the room.
    """
    sells = await directory.sells_in(tx, employee_id, room_id)
    if not sells:
        _ask({("employee", employee_id)}, asked)
    if sells is None:
        raise NotFound("employee", "employee_id")
    if not sells:
        raise NotOfTheRoom


def _ask(missing: set[Wanted], asked: Fetched) -> None:
    """Raises `ReplicaMissing` where something was not `asked` for yet."""
    if missing - asked:
        raise ReplicaMissing(missing - asked)
