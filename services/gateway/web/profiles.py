"""Who is signed in, for the frame of every page: `GET /me`, kept for a moment."""

from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from services.gateway.web.api import PageApi
from services.gateway.web.directory import Directory
from shared.tenancy import Caller

FRESH_SECONDS = 5.0
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Profile:
    """The caller as pages greet them; rooms and companies are `{id, name}`."""

    employee_id: str
    name: str
    email: str
    roles: frozenset[str]
    rooms: list[dict[str, Any]]
    companies: list[dict[str, Any]]
    headed_room_ids: frozenset[str]

    def has(self, *roles: str) -> bool:
        """Whether the caller has one of `roles`."""
        return not self.roles.isdisjoint(roles)

    def oversees(self, room_id: str) -> bool:
        """Whether the caller heads the room, or is an admin."""
        return room_id in self.headed_room_ids or self.has("admin")

    def known_rooms(self, directory: Directory) -> list[dict[str, Any]]:
        """Rooms as filters take them: an admin's are the tenant's, everybody else's their own."""
        return directory.listed_rooms if self.has("admin") else self.rooms


class Profiles:
    """The profiles of who looked at a page lately."""

    def __init__(self) -> None:
        self._kept: dict[tuple[UUID, UUID], tuple[float, Caller, Profile]] = {}

    async def of(self, caller: Caller, api: PageApi) -> Profile:
        """Read anew after five seconds, or when the caller's roles or rooms are others."""
        key = (caller.tenant_id, caller.employee_id)
        kept = self._kept.get(key)
        if kept and kept[0] > monotonic() - FRESH_SECONDS and _same(kept[1], caller):
            return kept[2]
        me = await api.read("/me")
        profile = Profile(
            me["employee_id"],
            me["name"],
            me["email"] or "",
            frozenset(me["roles"]),
            [room for room in me["rooms"] if room["name"]],
            [company for company in me["companies"] if company["name"]],
            frozenset(me["headed_room_ids"]),
        )
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[key] = (monotonic(), caller, profile)
        return profile

    def forget(self, caller: Caller) -> None:
        """Reads the caller's profile anew when it is asked for next."""
        self._kept.pop((caller.tenant_id, caller.employee_id), None)


def _same(kept: Caller, caller: Caller) -> bool:
    return kept.roles == caller.roles and kept.room_ids == caller.room_ids
