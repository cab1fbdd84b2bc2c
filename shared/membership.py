"""Who sells in a room, and for which companies the room sells: decided here for every service."""

from collections.abc import Collection
from uuid import UUID

from shared.errors import Invalid
from shared.vocabulary import Role

SELLING_ROLES: tuple[Role, ...] = ("seller", "head")


class NotSoldInRoom(Invalid):
    """The room does not sell for the company: 422 `invalid`, rule `sold_in_room`."""

    def __init__(self, field: str = "company_id") -> None:
        super().__init__(field, "sold_in_room", "the room does not sell for this company")


def sells_in(
    roles: Collection[str], room_ids: Collection[UUID], active: bool, room_id: UUID
) -> bool:
    """Whether an employee sells in the room: still works, belongs to it, is a seller or its head."""
    return active and room_id in room_ids and not set(SELLING_ROLES).isdisjoint(roles)


def require_sold_in_room(
    company_ids: Collection[UUID], company_id: UUID, field: str = "company_id"
) -> None:
    """Raises `NotSoldInRoom` unless `company_id` is one of the `company_ids` that a room sells for."""
    if company_id not in company_ids:
        raise NotSoldInRoom(field)
