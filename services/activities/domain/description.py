"""What a description of a known client brings that the client does not have: nothing that was typed
is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.activities.domain.contact_persons import contacts_of, index_of
from services.activities.domain.identity import broken_inn_rule

MOST_CONTACTS = 20
"""Phones, or e-mails, of a client."""
_CONTACTS = ("phones", "emails")
_UNKNOWN = ("inn", "kpp")
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DescribedClient:
    """The client whom a registration described.

    `added` is what it has now that it did not have before; `left_over` what was typed and is kept
    with the activity: another name, contacts beyond those that a client may have.
    """

    id: UUID
    added: Values = field(default_factory=dict)
    left_over: Values = field(default_factory=dict)


def additions_to(client: Values, described: Values) -> dict[str, Any]:
    """The phones and e-mails that a known client and its persons lack, as many as it may have, an
    INN and KPP that were not known, and that it is large.
    """
    added: dict[str, Any] = {}
    for name in _CONTACTS:
        room = max(0, MOST_CONTACTS - len(client[name]))
        known_contacts = _contacts(client, name)
        if new := [each for each in described[name] if each not in known_contacts][:room]:
            added[name] = new
    completed = {name: client[name] or described[name] for name in _UNKNOWN}
    if broken_inn_rule(client["kind"], completed["inn"], completed["kpp"]) is None:
        added |= {name: completed[name] for name in _UNKNOWN if completed[name] != client[name]}
    if described["large"] and not client["large"]:
        added["large"] = True
    return added


def _contacts(client: Values, name: str) -> list[str]:
    return [*client[name], *contacts_of(index_of(client), name)]


def merged(client: Values, added: Values) -> dict[str, Any]:
    """The values of the client that change by `added`."""
    return {
        name: [*client[name], *value] if name in _CONTACTS else value
        for name, value in added.items()
    }


def left_over(client: Values, described: Values, added: Values) -> dict[str, Any]:
    """What was typed and is neither the client's nor `added` to it."""
    over: dict[str, Any] = {}
    if described["name"] != client["name"]:
        over["name"] = described["name"]
    for name in _CONTACTS:
        has = [*_contacts(client, name), *added.get(name, ())]
        if new := [each for each in described[name] if each not in has]:
            over[name] = new
    for name in _UNKNOWN:
        if described[name] not in (None, client[name], added.get(name)):
            over[name] = described[name]
    return over
