"""Identities of clients: one client, one identity in a tenant."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from shared.vocabulary import ClientKind

IdentityKind = Literal["inn", "phone", "email"]
IDENTITY_KINDS: tuple[IdentityKind, ...] = ("inn", "phone", "email")
InnRule = Literal["inn_of_organization", "inn_of_person", "with_inn"]
ORGANIZATION_DIGITS, PERSON_DIGITS = 10, 12
"""Of an INN; a sole trader is a person."""


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


def broken_inn_rule(kind: ClientKind, inn: str | None, kpp: str | None) -> InnRule | None:
    """The rule that INN and KPP of a client of that kind break, if they do."""
    if kpp and (inn is None or len(inn) != ORGANIZATION_DIGITS):
        return "with_inn"
    if inn and kind == "organization" and len(inn) != ORGANIZATION_DIGITS:
        return "inn_of_organization"
    if inn and kind == "person" and len(inn) != PERSON_DIGITS:
        return "inn_of_person"
    return None
