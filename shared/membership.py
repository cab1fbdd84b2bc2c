"""Membership of rooms: who works and who sells in one, and for which companies it sells. Decided
here for every service.
"""

from collections.abc import Collection
from uuid import UUID

from shared.errors import NotSoldInRoom
from shared.vocabulary import Role

SELLING_ROLES: tuple[Role, ...] = ("seller", "head")


def works_in(room_ids: Collection[UUID], active: bool, room_id: UUID) -> bool:
    """Whether an employee works in the room: was not dismissed, and belongs to it."""
    return active and room_id in room_ids


def sells_in(
    roles: Collection[str], room_ids: Collection[UUID], active: bool, room_id: UUID
) -> bool:
    """Whether an employee sells in the room: works in it, as a seller or as its head."""
    return works_in(room_ids, active, room_id) and not set(SELLING_ROLES).isdisjoint(roles)


def require_sold_in_room(
    company_ids: Collection[UUID], company_id: UUID, field: str = "company_id"
) -> None:
    """Raises `NotSoldInRoom` unless `company_id` is one of the `company_ids` that a room sells
    for.
    """
    if company_id not in company_ids:
        raise NotSoldInRoom(field)
