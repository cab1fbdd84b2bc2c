"""What a person says about being called, and when it was said."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.activities.domain.consents import Consent, moment_said, require_own_phone
from shared.errors import Invalid
from shared.ids import ClientId, ConsentId, EmployeeId
from shared.vocabulary import ConsentKind

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PHONE = "+74951234567"


def consent(kind: ConsentKind = "given", phone: str | None = None) -> Consent:
    return Consent(
        id=ConsentId(UUID(int=1)),
        kind=kind,
        client_id=ClientId(UUID(int=2)),
        phone=phone,
        person=None,
        source="call",
        text=None,
        at=NOW,
        recorded_at=NOW,
        by=EmployeeId(UUID(int=3)),
        room_ids=[],
    )


@pytest.mark.parametrize(
    ("kind", "forbids"),
    [("given", False), ("withdrawn", True), ("do_not_call", True), ("calls_allowed", False)],
)
def test_a_word_against_calls_and_a_withdrawn_consent_forbid_them(
    kind: ConsentKind, forbids: bool
) -> None:
    assert consent(kind).forbids_calls is forbids


def test_a_consent_is_of_its_phone_or_else_of_its_client() -> None:
    assert consent(phone=PHONE).subject == ("phone", PHONE)
    assert consent().subject == ("client", str(UUID(int=2)))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (None, NOW),
        (NOW - timedelta(days=3), NOW - timedelta(days=3)),
        (NOW + timedelta(seconds=1), NOW),
        (NOW + timedelta(minutes=1), NOW),
    ],
)
def test_a_word_was_said_when_typed_but_never_after_now(
    typed: datetime | None, said: datetime
) -> None:
    assert moment_said(typed, NOW) == said


def test_a_word_of_a_moment_to_come_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        moment_said(NOW + timedelta(minutes=1, microseconds=1), NOW)
    assert refused.value.extra == {"errors": [{"field": "at", "rule": "not_in_future"}]}


@pytest.mark.parametrize("phone", [None, PHONE])
def test_a_word_may_be_of_no_phone_or_of_the_clients(phone: str | None) -> None:
    require_own_phone(phone, ["+74951234568", PHONE])


def test_a_word_of_somebody_elses_phone_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        require_own_phone("+74951234569", [PHONE])
    assert refused.value.extra == {"errors": [{"field": "phone", "rule": "phone_of_client"}]}
