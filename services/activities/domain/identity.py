"""Identities of clients: one client, one identity in a tenant."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

IdentityKind = Literal["inn", "phone", "email"]
IDENTITY_KINDS: tuple[IdentityKind, ...] = ("inn", "phone", "email")


class Identity(NamedTuple):
    """A contact or number, in its canonical form, that one client alone may have."""

    kind: IdentityKind
    value: str


def identities_of(client: Mapping[str, Any]) -> list[Identity]:
    """The identities of a client: INN with KPP (branches share an INN), each phone, each e-mail.

    Sorted, so that two registrations that claim the same ones cannot deadlock.
    """
    inn = [Identity("inn", f"{client['inn']}/{client['kpp'] or ''}")] if client["inn"] else []
    phones = [Identity("phone", phone) for phone in client["phones"]]
    emails = [Identity("email", email) for email in client["emails"]]
    return sorted([*inn, *phones, *emails])
