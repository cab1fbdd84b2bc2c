"""Codes of second factors (RFC 6238), and who needs one."""

import pytest

from services.gateway.domain.second_factor import accepted_step, canonical_code, is_required
from shared.errors import NotConfigured
from shared.secret_box import SecretBox

NOW = 1_000_000.0
PRESENT = int(NOW // 30)


def code_at(step: int) -> str:
    return f"{step % 1_000_000:06d}"


@pytest.mark.parametrize(
    ("drift", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_counts_at_most_one_step_beside_the_present(drift: int, accepted: bool) -> None:
    step = PRESENT + drift
    assert accepted_step(code_at(step), code_at, NOW, 0) == (step if accepted else None)


def test_a_code_counts_once() -> None:
    assert accepted_step(code_at(PRESENT), code_at, NOW, PRESENT) is None
    assert accepted_step(code_at(PRESENT - 1), code_at, NOW, PRESENT) is None
    assert accepted_step(code_at(PRESENT + 1), code_at, NOW, PRESENT) == PRESENT + 1


@pytest.mark.parametrize(
    ("policy", "roles", "required"),
    [
        ("nobody", {"admin"}, False),
        ("admins", {"admin", "seller"}, True),
        ("admins", {"seller"}, False),
        ("everyone", {"seller"}, True),
    ],
)
def test_the_tenant_chooses_who_needs_a_factor(
    policy: str, roles: set[str], required: bool
) -> None:
    assert is_required(policy, roles) is required  # type: ignore[arg-type]


def test_groups_of_a_code_do_not_matter() -> None:
    assert canonical_code(" 123 456 ") == "123456"
    assert canonical_code("2n6q-jhmx-rokd-7awy") == "2N6QJHMXROKD7AWY"


def test_a_sealed_secret_opens_for_its_purpose_only() -> None:
    box = SecretBox.of("a key of the installation")
    sealed = box.seal(b"secret", "of Anna")
    assert b"secret" not in sealed
    assert box.open(sealed, "of Anna") == b"secret"
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for broken, purpose in ((sealed, "of Boris"), (changed, "of Anna"), (b"", "")):
        with pytest.raises(ValueError, match="sealed"):
            box.open(broken, purpose)


def test_a_key_is_changed_without_losing_what_was_sealed() -> None:
    old = SecretBox.of("old")
    both = SecretBox.of("new, old")
    assert both.open(old.seal(b"secret", "x"), "x") == b"secret"
    with pytest.raises(ValueError, match="another key"):
        old.open(both.seal(b"secret", "x"), "x")


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(NotConfigured):
        SecretBox.of("").seal(b"secret", "x")
