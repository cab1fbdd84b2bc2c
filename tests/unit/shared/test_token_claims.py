"""Tokens of people between services: what they must say to be believed."""

from time import time
from typing import Any

import jwt
import pytest

from shared.errors import Unauthenticated
from shared.ids import new_id
from shared.internal_keys import PrivateKeys
from tests.unit.shared.test_internal_tokens import GATEWAY, VIP
from tests.unit.shared.tokens import SEEDS, a_caller, public, refused, send


def claims(**differently: Any) -> dict[str, Any]:
    about = {
        "iss": "gateway",
        "aud": "vip",
        "iat": int(time()),
        "exp": int(time()) + 60,
        "ten": str(new_id()),
        "sub": str(new_id()),
        "rol": [],
        "roo": [],
        "ope": False,
        "sys": False,
    }
    return {name: value for name, value in {**about, **differently}.items() if value is not None}


def signed(told: dict[str, Any], seed: str = SEEDS["gateway"]) -> str:
    keys = PrivateKeys(seed)
    return jwt.encode(told, keys.signature, algorithm="EdDSA", headers={"kid": keys.kid})


def test_claims_as_they_should_be_are_believed() -> None:
    VIP._verify(signed(claims()))


@pytest.mark.parametrize(
    "differently",
    [
        *({"aud": "activities"}, {"aud": None}, {"iss": "vip"}, {"iss": None}, {"iat": None}),
        *({"exp": None}, {"exp": 1}, {"ten": None}, {"sub": None}, {"ten": "x"}, {"ten": 5}),
        *({"rol": None}, {"roo": None}, {"roo": ["x"]}, {"roo": [5]}, {"rol": 5}, {"ope": None}),
        {"sys": None},
    ],
)
def test_a_token_that_lacks_something_is_refused_though_signed(differently: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        VIP._verify(signed(claims(**differently)))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512"])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    kid = PrivateKeys(SEEDS["gateway"]).kid
    key: Any = None if algorithm == "none" else public(SEEDS["gateway"])
    token = jwt.encode(claims(rol=["admin"]), key, algorithm=algorithm, headers={"kid": kid})
    with pytest.raises(Unauthenticated):
        VIP._verify(token)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "\x00", "я.я.я", "e30.e30.e30", "x" * 10_000]
)
def test_garbage_is_refused(token: str) -> None:
    assert refused(VIP, (token, send(GATEWAY, a_caller())[1]))


@pytest.mark.parametrize("proof", ["", ".", "..", "1.2.3", "x.y.z", "²..", "1" * 5000, "-1.a.b"])
def test_a_proof_of_garbage_is_refused(proof: str) -> None:
    assert refused(VIP, (send(GATEWAY, a_caller())[0], proof))
