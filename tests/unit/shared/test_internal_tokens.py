"""Internal requests: nobody makes them but who they say, and each proof is for one request."""

from dataclasses import replace
from time import time
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Unauthenticated
from shared.ids import RoomId, new_id
from shared.internal_keys import KeyRing
from shared.internal_tokens import (
    LEEWAY_SECONDS,
    PROOF_HEADER,
    REUSED_SECONDS,
    TOKEN_HEADER,
    TOKEN_SECONDS,
    TokenIssuer,
    TokenReader,
    digest_of,
)
from shared.tenancy import Caller
from tests.unit.shared.tokens import BODY, NOW, PATH, SEEDS, a_caller, read, refused, ring, send

GATEWAY, VIP = TokenIssuer(ring("gateway")), TokenReader(ring("vip"))


def test_a_request_says_who_calls() -> None:
    caller = a_caller("seller", "head")
    assert read(VIP, send(GATEWAY, caller)) == caller
    assert read(VIP, send(GATEWAY, a_caller(operator=True))).operator


@pytest.mark.parametrize("headed", [None, frozenset(), frozenset({RoomId(new_id())})])
def test_a_token_says_which_rooms_are_headed(headed: frozenset[RoomId] | None) -> None:
    caller = replace(a_caller("head", "seller"), headed_room_ids=headed)
    issuer = TokenIssuer(ring("gateway"))
    for called in (replace(caller, headed_room_ids=frozenset({RoomId(new_id())})), caller):
        headers = issuer.headers(called, "vip", "GET", "/api/v1/vip")
        bound = digest_of("GET", "/api/v1/vip", b"", b"")
        reader = TokenReader(ring("vip"))
        read = reader.read(headers[TOKEN_HEADER], headers[PROOF_HEADER], "/api/v1/vip", bound)
        assert read == called


@given(st.text(alphabet="aé/ %&=?+", max_size=20), st.text(alphabet="aé &=%+", max_size=20))
def test_what_is_sent_encoded_is_read_decoded(path: str, query: str) -> None:
    caller, sent = a_caller("seller"), f"/x/{quote(path)}?{quote(query)}"
    request = send(GATEWAY, caller, target=sent)
    assert read(VIP, request, path=f"/x/{path}", query=quote(query).encode()) == caller


def heard(reader: TokenReader, request: tuple[str, str], key: str = "") -> bool:
    """Whether a command is believed."""
    try:
        bound = digest_of("POST", PATH, b"", BODY)
        reader.read(*request, PATH, bound, key, once=not key)
    except Unauthenticated:
        return False
    return True


def test_a_command_that_was_heard_and_is_sent_again_is_refused() -> None:
    reader, caller = TokenReader(ring("vip")), a_caller("seller")
    first, second = send(GATEWAY, caller), send(GATEWAY, caller)
    assert first != second, "two calls alike are two requests"
    assert [heard(reader, request) for request in (first, second, first, second)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_heard_command_is_refused_for_as_long_as_its_proof_would_count() -> None:
    reader, caller = TokenReader(ring("vip")), a_caller("seller")
    with time_machine.travel(NOW, tick=False) as clock:
        for seconds in range(0, 2_000, 45):
            clock.move_to(NOW + seconds)
            request = send(GATEWAY, caller)
            assert heard(reader, request)
            clock.move_to(NOW + seconds + LEEWAY_SECONDS)
            assert not heard(reader, request)
    assert len(reader._heard._recent) + len(reader._heard._older) < 45


@pytest.mark.parametrize("key", ["k", "ключ", "a.b", "1.é"])
def test_a_command_with_a_key_may_come_again_with_that_key_alone(key: str) -> None:
    headers = GATEWAY.headers(a_caller("seller"), "vip", "POST", PATH, BODY, key)
    request = headers[TOKEN_HEADER], headers[PROOF_HEADER]
    as_read = key.encode().decode("latin-1")
    assert heard(VIP, request, as_read) and heard(VIP, request, as_read)
    assert not heard(VIP, request, as_read + "1")
    assert not heard(VIP, request)


def test_a_service_reads_only_what_is_meant_for_it() -> None:
    assert refused(TokenReader(ring("activities")), send(GATEWAY, a_caller("admin")))


def test_a_service_cannot_speak_as_another() -> None:
    request = send(TokenIssuer(ring("gateway", seeds=SEEDS["activities"])), a_caller("admin"))
    assert refused(VIP, request)


def test_only_the_gateway_speaks_for_people() -> None:
    peer = TokenIssuer(ring("activities"))
    for caller in (a_caller("admin"), a_caller("seller"), a_caller(operator=True)):
        assert refused(VIP, send(peer, caller))


def test_a_proof_of_another_peer_is_refused() -> None:
    """Whoever takes a token from the gateway cannot send it on."""
    token, _ = send(GATEWAY, a_caller("admin"))
    _, proof = send(TokenIssuer(ring("activities")), a_caller(system="activities"))
    assert refused(VIP, (token, proof))


@pytest.mark.parametrize(
    "differently",
    [
        {"method": "DELETE"},
        {"path": PATH + "/"},
        {"path": PATH.replace("1", "2")},
        {"query": b"a=1"},
        {"body": b'{"a":2}'},
        {"body": b""},
    ],
)
def test_a_proof_is_for_one_request(differently: dict[str, Any]) -> None:
    assert refused(VIP, send(GATEWAY, a_caller("admin")), **differently)


def test_a_body_that_a_read_should_not_have_changes_nothing() -> None:
    caller = a_caller("seller")
    request = send(GATEWAY, caller, method="GET", body=b"odd")
    assert read(VIP, request, method="GET", body=b"") == caller


def test_people_open_no_internal_path_and_services_no_public_one() -> None:
    inside = "/internal/snapshots"
    for caller in (a_caller("admin"), a_caller(operator=True)):
        assert refused(VIP, send(GATEWAY, caller, target=inside), path=inside)
    peer, itself = TokenIssuer(ring("activities")), a_caller(system="activities")
    assert refused(VIP, send(peer, itself))
    caller = read(VIP, send(peer, itself, target=inside), path=inside)
    assert (caller.system, caller.roles, caller.operator) == ("activities", frozenset(), False)


@pytest.mark.parametrize("ahead", [-LEEWAY_SECONDS + 1, -130, 0, 130, LEEWAY_SECONDS - 1])
def test_clocks_may_lie_apart(ahead: float) -> None:
    """A service 130 s ahead once answered every command 401."""
    caller = a_caller("seller")
    with time_machine.travel(NOW, tick=False) as clock:
        request = send(TokenIssuer(ring("gateway")), caller)
        clock.shift(ahead)
        assert read(TokenReader(ring("vip")), request) == caller


@pytest.mark.parametrize("ahead", [-LEEWAY_SECONDS - 1, LEEWAY_SECONDS + 1, 3600])
def test_a_request_is_not_sent_again_later(ahead: float) -> None:
    reader = TokenReader(ring("vip"))
    with time_machine.travel(NOW, tick=False) as clock:
        request = send(TokenIssuer(ring("gateway")), a_caller("seller"))
        clock.shift(ahead)
        assert refused(reader, request)


def test_a_token_expires_also_where_it_is_remembered() -> None:
    reader, caller = TokenReader(ring("vip"), leeway=0.0), a_caller("seller")
    with time_machine.travel(NOW, tick=False) as clock:
        token, _ = send(issuer := TokenIssuer(ring("gateway")), caller)
        clock.shift(TOKEN_SECONDS - 1)
        _, proof = _proof_of(issuer, caller, token)
        assert read(reader, (token, proof)) == caller
        clock.shift(2)
        _, proof = _proof_of(issuer, caller, token)
        assert refused(reader, (token, proof))


def _proof_of(issuer: TokenIssuer, caller: Caller, token: str) -> tuple[str, str]:
    """A proof of now for a token that the issuer itself would not use any more."""
    for key in issuer._signed:
        issuer._signed[key] = (time() + 1, token)
    return send(issuer, caller)


def test_a_token_is_signed_once_for_many_requests_and_not_for_another_caller() -> None:
    issuer, caller = TokenIssuer(ring("gateway")), a_caller("seller")
    with time_machine.travel(NOW, tick=False) as clock:
        first, proof = send(issuer, caller)
        again, other_proof = send(issuer, caller, target=PATH + "/1")
        assert again == first and other_proof != proof
        assert send(issuer, replace(caller, roles=frozenset({"head"})))[0] != first
        assert send(issuer, caller, audience="activities")[0] != first
        clock.shift(REUSED_SECONDS + 1)
        assert send(issuer, caller)[0] != first


def test_what_is_remembered_is_bounded_and_forgetting_refuses_nobody() -> None:
    issuer, reader = TokenIssuer(ring("gateway"), cache_size=3), TokenReader(ring("vip"), 180, 3)
    callers = [a_caller("seller") for _ in range(10)]
    assert [read(reader, send(issuer, caller)) for caller in callers * 2] == callers * 2
    assert len(reader._verified) <= 3 and len(issuer._signed) <= 3


def test_keys_are_changed_without_a_refusal() -> None:
    """Both sides know the new key before it is used, and the old one until nobody does."""
    old, new = SEEDS["gateway"], "n" * 32
    caller = a_caller("seller")
    knows_both = TokenReader(ring("vip", gateway=f"{old},{new}"))
    for seeds in (f"{old},{new}", f"{new},{old}", new):
        assert read(knows_both, send(TokenIssuer(ring("gateway", seeds)), caller)) == caller
    fresh = TokenReader(ring("vip", gateway=new))
    assert refused(fresh, send(TokenIssuer(ring("gateway", old)), caller))


def test_a_reader_changes_its_keys_without_a_refusal() -> None:
    old, new, caller = SEEDS["vip"], "n" * 32, a_caller("seller")
    for seeds, known in ((f"{old},{new}", old), (f"{new},{old}", old), (f"{new},{old}", new)):
        issuer = TokenIssuer(ring("gateway", vip=known))
        assert read(TokenReader(ring("vip", seeds)), send(issuer, caller)) == caller


@pytest.mark.parametrize(
    ("seeds", "peers"), [("short", ""), ("", ""), ("s" * 32, "vip=abc"), ("s" * 32, "vip")]
)
def test_keys_that_cannot_be_used_are_refused_at_once(seeds: str, peers: str) -> None:
    with pytest.raises(ValueError):
        KeyRing("gateway", seeds, peers)


def test_nobody_can_work_out_the_key_of_two_others() -> None:
    _, key = ring("gateway").to("vip")
    _, other = ring("gateway", seeds=SEEDS["activities"]).to("vip")
    assert key != other
