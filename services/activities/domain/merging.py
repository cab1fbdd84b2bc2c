"""Merging two clients that are one: what the client that stays has afterwards."""

from collections.abc import Mapping
from typing import Any

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.contact_persons import index_of
from services.activities.domain.contact_rooms import joined
from services.activities.domain.refusals import DifferentOrganizations
from shared.ids import ClientId


def merged(old: Mapping[str, Any], into: Mapping[str, Any]) -> dict[str, Any]:
    """The row of `into` with all that is known of `old`: its own name and kind, the INN that either
    has, the phones, e-mails, contact persons and rooms of both. A room sees no more contacts than
    before.

    Raises `DifferentOrganizations` where their INNs differ: an INN has one owner.
    """
    if old["inn"] and into["inn"] and old["inn"] != into["inn"]:
        raise DifferentOrganizations
    inn_of = into if into["inn"] else old
    kpp = into["kpp"] or (old["kpp"] if old["inn"] == inn_of["inn"] else None)
    after = {
        **into,
        "inn": inn_of["inn"],
        "kpp": kpp,
        "large": into["large"] or old["large"],
        **{name: _both(into[name], old[name]) for name in ("phones", "emails", "room_ids")},
    }
    persons = [*index_of(into), *index_of(old)]
    return {**after, "contact_rooms": joined(old, into, after), "person_index": persons}


def _both(first: list[Any], second: list[Any]) -> list[Any]:
    return list(dict.fromkeys([*first, *second]))


def follow(activity: Activity, into: ClientId) -> DomainEvent:
    """Makes the activity one of the client into which its own was merged."""
    details = {"former_client_id": activity.client_id}
    return advance(activity, "activity.client_merged", details, client_id=into)
