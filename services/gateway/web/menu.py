"""The menu by role: which screens stand in the side bar and in the dock of a phone."""

from dataclasses import dataclass
from functools import lru_cache

SELLS = frozenset({"seller", "head"})
ADMIN = frozenset({"admin"})
HEADS = frozenset({"head", "admin"})
MONEY = frozenset({"accountant", "admin"})
OFFICE = HEADS | MONEY


@dataclass(frozen=True, slots=True)
class Item:
    """A screen in the menu; `title` is a message of the catalogue, `short` that of the dock."""

    path: str
    title: str
    icon: str
    roles: frozenset[str]
    short: str = ""


def _(message: str) -> str:
    """Marks a message for the catalogue; templates translate it."""
    return message


MENU = (
    Item("/", _("My day"), "calendar-check", SELLS, _("Day")),
    Item("/pool", _("Pool"), "inbox", SELLS | ADMIN, _("Pool")),
    Item("/board", _("My activities"), "layout-kanban", SELLS, _("Activities")),
    Item("/vip", _("VIP"), "crown", SELLS),
    Item("/renewals", _("Renewals"), "refresh", SELLS),
    Item("/pay", _("My pay"), "wallet", SELLS),
    Item("/room", _("Room"), "users-group", HEADS),
    Item("/room/settings", _("Room numbers"), "adjustments-horizontal", HEADS),
    Item("/disputes", _("Disputes"), "scale", OFFICE),
    Item("/plans", _("Plans"), "file-text", OFFICE),
    Item("/sources", _("Sources"), "speakerphone", HEADS | {"marketer"}),
    Item("/periods", _("Period"), "calendar-dollar", MONEY),
    Item("/money", _("Payments"), "cash", MONEY),
    Item("/directory", _("Directory"), "building", ADMIN),
    Item("/jobs", _("Imports and jobs"), "download", OFFICE),
    Item("/audit", _("Journal"), "list", ADMIN),
)
"""In the order of the day; those whose page is not there yet are left out."""


@lru_cache(maxsize=100)
def menu_of(roles: frozenset[str], paths: frozenset[str]) -> tuple[Item, ...]:
    """The screens of people with `roles`, of those that stand at `paths`."""
    return tuple(item for item in MENU if item.path in paths and not roles.isdisjoint(item.roles))


def home_of(roles: frozenset[str], paths: frozenset[str], *, has_rooms: bool = True) -> str:
    """The first screen of people with `roles`: where `/` leads who does not sell. An admin who has
    no room yet begins with what is missing.
    """
    if not has_rooms and "admin" in roles:
        return "/directory"
    items = [item for item in menu_of(roles, paths) if item.path != "/"]
    return items[0].path if items else "/more"
