"""Identities of clients: one client, one identity in a tenant.

A client is known by its INN and KPP, its phones and its e-mails, each in its canonical form. An INN
is one organisation's or person's, a KPP a branch of it; a phone or an e-mail may be shared by
clients of different INNs, such as the switchboard of a house or the accountant of two companies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from uuid import UUID

from services.activities.domain.contact_persons import Entry, contacts_of, index_of
from shared.vocabulary import ClientKind

IdentityKind = Literal["inn", "phone", "email"]
InnRule = Literal["inn_of_organization", "inn_of_person", "with_inn"]
ORGANIZATION_DIGITS, PERSON_DIGITS = 10, 12
"""Of an INN; a sole trader is a person."""


class Identity(NamedTuple):
    """An INN, a phone or an e-mail in its canonical form."""

    kind: IdentityKind
    value: str


@dataclass(frozen=True, slots=True)
class Namesake:
    """A stored client that has some of the identities that were asked for. `same_name`: as people
    write names, with or without quotes, in any case.
    """

    id: UUID
    kind: ClientKind
    inn: str | None
    kpp: str | None
    shared: frozenset[Identity]
    same_name: bool = False


@dataclass(frozen=True, slots=True)
class Meant:
    """The stored clients that a description may mean. `certain`: it is the only one, and no part of
    the description speaks for another.
    """

    namesakes: Sequence[Namesake]
    certain: bool

    @property
    def matched(self) -> list[IdentityKind]:
        """By which kinds of identities the description meets them."""
        return sorted({identity.kind for each in self.namesakes for identity in each.shared})


def identities_of(client: Mapping[str, Any]) -> list[Identity]:
    """The identities of a client, its contact persons' too. Sorted, so that two registrations that
    claim the same ones cannot deadlock.
    """
    persons = index_of(client)
    inn = [Identity("inn", client["inn"])] if client["inn"] else []
    phones = [Identity("phone", phone) for phone in _all(client, persons, "phones")]
    emails = [Identity("email", email) for email in _all(client, persons, "emails")]
    return sorted({*inn, *phones, *emails})


def _all(client: Mapping[str, Any], persons: Sequence[Entry], name: str) -> list[str]:
    return [*client[name], *contacts_of(persons, name)]


def broken_inn_rule(kind: ClientKind, inn: str | None, kpp: str | None) -> InnRule | None:
    """The rule that INN and KPP of a client of that kind break, if they do."""
    if kpp and (inn is None or len(inn) != ORGANIZATION_DIGITS):
        return "with_inn"
    if inn and kind == "organization" and len(inn) != ORGANIZATION_DIGITS:
        return "inn_of_organization"
    if inn and kind == "person" and len(inn) != PERSON_DIGITS:
        return "inn_of_person"
    return None


def number_of(phone: str) -> str:
    """A phone in its canonical form without its extension."""
    return phone.partition(";")[0]


def with_numbers(identities: Sequence[Identity]) -> list[Identity]:
    """The identities, and of phones with an extension their numbers: what one of those says holds
    for its extensions. Sorted, as `identities_of`.
    """
    numbers = {
        Identity("phone", number_of(identity.value))
        for identity in identities
        if identity.kind == "phone"
    }
    return sorted({*identities, *numbers})


def is_same(client: Mapping[str, Any], other: Namesake) -> bool:
    """Whether a described client may be `other`, with which it shares an identity.

    Two known INNs decide: they are one client where INN and KPP agree, and an unknown KPP is not
    another branch. Else a common phone or e-mail speaks for it; but the INN of a person makes no
    organisation of one, nor the other way round.
    """
    if client["inn"] and other.inn:
        known_kpps = {client["kpp"], other.kpp} - {None}
        return bool(client["inn"] == other.inn and len(known_kpps) < 2)
    return not client["inn"] or client["kind"] == other.kind


def clients_meant(client: Mapping[str, Any], namesakes: Iterable[Namesake]) -> Meant:
    """The stored clients that a description may mean: none is a new one.

    The INN comes first: of clients with the same one the branch with the very KPP. Of those known
    by contacts alone it is the one at which all known contacts point. A new INN beside the contacts
    of a client whose INN is unknown may be that one's or another's; the name tells.
    """
    same = [namesake for namesake in namesakes if is_same(client, namesake)]
    if not same:
        return Meant((), certain=False)
    by_inn = [namesake for namesake in same if client["inn"] and namesake.inn]
    if by_inn:
        branch = [namesake for namesake in by_inn if client["kpp"] == namesake.kpp]
        holders = branch if client["kpp"] and branch else by_inn
        others = [namesake for namesake in same if not namesake.inn]
        return Meant([*holders, *others], certain=len(holders) == 1 and not others)
    shared_identities = {identity for namesake in same for identity in namesake.shared}
    complete = [namesake for namesake in same if namesake.shared >= shared_identities]
    if len(complete) != 1:
        return Meant(same, certain=False)
    return Meant(complete, certain=not client["inn"] or complete[0].same_name)
