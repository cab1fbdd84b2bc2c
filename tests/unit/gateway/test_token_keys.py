"""Access tokens' keys: several believed, one signs, and a rotation refuses nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine

from services.gateway.accounts.token_keys import LEARNT_WITHIN, TokenKeys, next_start
from services.gateway.accounts.tokens import AccessTokens
from shared.errors import Unauthenticated
from shared.ids import EmployeeId, TenantId, new_id

SECRET, OTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4
SECONDS = 900
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def row(name: str, starts_at: datetime) -> dict[str, Any]:
    return {"name": name, "starts_at": starts_at}


def issue(tokens: AccessTokens) -> str:
    return tokens.issue(TenantId(new_id()), EmployeeId(new_id()), new_id())


def kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def believed(tokens: AccessTokens, token: str) -> bool:
    try:
        tokens.read(token)
    except Unauthenticated:
        return False
    return True


def test_a_rotated_key_signs_once_all_gateways_know_it() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        rotating, other = AccessTokens(SECRET, SECONDS), AccessTokens(SECRET, SECONDS)
        old = issue(rotating)
        rotating.load_keys([row("1", next_start(NOW, SECONDS, at_once=False))])
        assert kid(issue(rotating)) == kid(old)
        clock.shift(LEARNT_WITHIN + timedelta(seconds=1))
        other.load_keys([row("1", NOW + LEARNT_WITHIN)])
        new = issue(rotating)
        assert kid(new) != kid(old)
        assert believed(other, new) and believed(other, old)


def test_an_old_key_is_believed_until_the_last_that_it_signed_expires() -> None:
    keys = TokenKeys(SECRET, SECONDS)
    with time_machine.travel(NOW, tick=False) as clock:
        name, _ = keys.signing(NOW.timestamp())
        keys.read([row("1", NOW)])
        clock.shift(SECONDS - 1)
        assert keys.find(name)
        clock.shift(2)
        assert keys.find(name) is None


def test_at_once_ends_all_that_was_signed_before() -> None:
    with time_machine.travel(NOW, tick=False):
        tokens = AccessTokens(SECRET, SECONDS)
        old = issue(tokens)
        assert believed(tokens, old)
        tokens.load_keys([row("1", next_start(NOW, SECONDS, at_once=True))])
        assert not believed(tokens, old)
        assert believed(tokens, issue(tokens))


def test_a_secret_is_changed_without_a_refusal() -> None:
    tokens = issue(AccessTokens(SECRET, SECONDS))
    both = AccessTokens(f"{OTHER},{SECRET}", SECONDS)
    assert believed(both, tokens)
    assert believed(AccessTokens(OTHER, SECONDS), issue(both))
    assert not believed(AccessTokens(OTHER, SECONDS), tokens)


@pytest.mark.parametrize("headers", [{}, {"kid": "0"}, {"kid": ""}, {"kid": 5}, {"kid": None}])
def test_a_token_of_no_key_of_ours_is_refused(headers: dict[str, Any]) -> None:
    tokens = AccessTokens(SECRET, SECONDS)
    claims = jwt.decode(issue(tokens), options={"verify_signature": False})
    try:
        token = jwt.encode(claims, SECRET, algorithm="HS256", headers=headers)
    except jwt.PyJWTError:
        return
    assert not believed(tokens, token)


def test_keys_tell_nothing_of_each_other() -> None:
    keys = TokenKeys(SECRET, SECONDS)
    first = keys.signing(0.0)
    keys.read([row("1", NOW)])
    second = keys.signing(NOW.timestamp())
    assert first[1] != second[1] and SECRET[:8] not in first[0]
    assert not keys.read([row("1", NOW)])
