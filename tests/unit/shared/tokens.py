"""Services that sign and read internal requests, and a caller, for tests."""

from typing import Any

import pytest

from shared.errors import Unauthenticated
from shared.ids import EmployeeId, RoomId, TenantId, new_id
from shared.internal_keys import KeyRing, PrivateKeys
from shared.internal_tokens import (
    PROOF_HEADER,
    TOKEN_HEADER,
    TokenIssuer,
    TokenReader,
    digest_of,
)
from shared.tenancy import Caller

NAMES = ("gateway", "activities", "vip")


SEEDS = {name: f"{name}-" + "s" * 32 for name in NAMES}


PATH, BODY = "/api/v1/activities/1/take", b'{"a":1}'
NOW = 1_800_000_000


def public(seed: str) -> str:
    return PrivateKeys(seed).public


def ring(name: str, seeds: str = "", **others: str) -> KeyRing:
    """The keys of a service; `others` are seeds of peers in place of their own."""
    peers = {**{peer: SEEDS[peer] for peer in NAMES if peer != name}, **others}
    entries = [
        f"{peer}={public(seed)}" for peer, listed in peers.items() for seed in listed.split(",")
    ]
    return KeyRing(name, seeds or SEEDS[name], ",".join(entries))


def a_caller(*roles: str, system: str = "", operator: bool = False) -> Caller:
    rooms = frozenset({RoomId(new_id())})
    return Caller(
        TenantId(new_id()),
        EmployeeId(new_id()),
        frozenset(roles),
        rooms,
        operator=operator,
        system=system,
    )


def send(
    issuer: TokenIssuer,
    caller: Caller,
    audience: str = "vip",
    method: str = "POST",
    target: str = PATH,
    body: bytes = BODY,
) -> tuple[str, str]:
    headers = issuer.headers(caller, audience, method, target, body)
    return headers[TOKEN_HEADER], headers[PROOF_HEADER]


def read(
    reader: TokenReader,
    request: tuple[str, str],
    method: str = "POST",
    path: str = PATH,
    query: bytes = b"",
    body: bytes = BODY,
) -> Caller:
    return reader.read(*request, path, digest_of(method, path, query, body))


def refused(*words: Any, **differently: Any) -> bool:
    with pytest.raises(Unauthenticated):
        read(*words, **differently)
    return True
