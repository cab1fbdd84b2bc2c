"""Membership of rooms: who works, sells and leads in one, whose clients it sees, and for which
companies it sells. Decided here for every service.
"""

from collections.abc import Collection
from uuid import UUID

from shared.errors import NotSoldInRoom
from shared.vocabulary import Role

SELLING_ROLES: tuple[Role, ...] = ("seller", "head")


def works_in(room_ids: Collection[UUID], active: bool, room_id: UUID) -> bool:
    """Whether an employee works in the room: was not dismissed, and belongs to it."""
    return active and room_id in room_ids


def heads(
    roles: Collection[str],
    room_ids: Collection[UUID],
    active: bool,
    room_id: UUID,
    headed_room_ids: Collection[UUID] | None = None,
) -> bool:
    """Whether an employee heads the room: works in it with the role, and heads all of their rooms
    (`headed_room_ids` is None) or this one.
    """
    return (
        "head" in roles
        and works_in(room_ids, active, room_id)
        and (headed_room_ids is None or room_id in headed_room_ids)
    )


def sells_in(
    roles: Collection[str],
    room_ids: Collection[UUID],
    active: bool,
    room_id: UUID,
    headed_room_ids: Collection[UUID] | None = None,
) -> bool:
    """Whether an employee sells in the room: works in it, as a seller or as its head."""
    if "seller" in roles and works_in(room_ids, active, room_id):
        return True
    return heads(roles, room_ids, active, room_id, headed_room_ids)


def knows_client(room_ids: Collection[UUID], client_room_ids: Collection[UUID]) -> bool:
    """Whether people of `room_ids` see a client whom the rooms of `client_room_ids` have entered.

    A client whom no room has entered yet, such as one from an admin's list, is for all to see
    (domain.md, "Clients").
    """
    return not client_room_ids or not set(client_room_ids).isdisjoint(room_ids)


def require_sold_in_room(
    company_ids: Collection[UUID], company_id: UUID, field: str = "company_id"
) -> None:
    """Raises `NotSoldInRoom` unless `company_id` is one of the `company_ids` that a room sells
    for.
    """
    if company_id not in company_ids:
        raise NotSoldInRoom(field)
