"""Stored clients that are one: entered before identities had one form each."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any
from uuid import UUID

from services.activities.domain.identity import Identity, Namesake, is_same

MOST_COMPARED = 20
"""Clients of one identity that are compared each with each: a switchboard's phone has many."""
Client = Mapping[str, Any]


def duplicates_by(
    identity: Identity, clients: Sequence[tuple[Client, Sequence[Identity]]]
) -> list[tuple[UUID, UUID]]:
    """The pairs of clients, the older one first, that are one by the rules of registration, and of
    whose common identities this is the first: so that each pair is told once. `clients` come with
    their identities in canonical form, the oldest first.
    """
    return [
        (older["id"], newer["id"])
        for (older, its), (newer, others) in combinations(clients[:MOST_COMPARED], 2)
        if (shared := sorted({*its} & {*others}))
        and shared[0] == identity
        and is_same(newer, _namesake(older, shared))
        and is_same(older, _namesake(newer, shared))
    ]


def _namesake(client: Client, shared: Sequence[Identity]) -> Namesake:
    return Namesake(
        id=client["id"],
        kind=client["kind"],
        inn=client["inn"],
        kpp=client["kpp"],
        shared=frozenset(shared),
    )
