"""What the events of others mean to people."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.gateway.reminders.notices import notices_of, room_notices_of
from shared.events import REGISTRY, PublishedEvent
from tests.integration.gateway.events import (
    COMPANY,
    NOW,
    OTHER,
    ROOM,
    SELLER,
    accrual_posted,
    activity_state,
    published,
    vip_event,
)

TENANT, ACTIVITY, CLIENT, HEAD = (UUID(int=number) for number in range(21, 25))
RUB = {"amount": "10.00", "currency": "RUB"}
PAYMENT: dict[str, Any] = {
    "payment_id": UUID(int=30),
    "amount": RUB,
    "invoice_id": None,
    "paid_at": NOW,
}


def event(name: str, seller: UUID | None = SELLER, by: UUID | None = None, **fields: Any) -> Any:
    """An activity's event, worked by `seller`."""
    state = activity_state(ROOM, CLIENT, COMPANY, seller, **fields.pop("state", {}))
    content = {"activity_id": ACTIVITY, "by": by, "state": state, **fields}
    return published(TENANT, REGISTRY[name].model_validate(content), ACTIVITY, 2)


def told(made: PublishedEvent, former: UUID | None = None) -> list[tuple[UUID, str]]:
    notices = notices_of(made.event, made.envelope, former)
    return [(notice.employee_id, notice.kind) for notice in notices]


RELEASED: dict[str, Any] = {"former": SELLER, "has_reason": False}
TAKEN: dict[str, Any] = {"responsible": SELLER, "how": "assigned"}
WARNED: dict[str, Any] = {"responsible": SELLER, "due_at": NOW + timedelta(days=1)}
UNTOUCHED: dict[str, Any] = {"since": NOW, "escalated": False}


@pytest.mark.parametrize(
    ("made", "former", "notices"),
    [
        (event("activity.taken", **TAKEN), None, [(SELLER, "assigned")]),
        (event("activity.taken", by=HEAD, **TAKEN), None, [(SELLER, "assigned")]),
        (event("activity.taken", by=SELLER, **TAKEN), None, []),
        (
            event("activity.taken", by=HEAD, **TAKEN),
            OTHER,
            [(OTHER, "taken_away"), (SELLER, "assigned")],
        ),
        (event("activity.released", None, HEAD, **RELEASED), SELLER, [(SELLER, "taken_away")]),
        (event("activity.released", None, SELLER, **RELEASED), SELLER, []),
        (event("activity.lost", state={"status": "lost"}, former=SELLER), OTHER, []),
        (event("activity.reset_warned", **WARNED), SELLER, [(SELLER, "reset_warning")]),
        (
            event("activity.untouched", responsible=SELLER, **UNTOUCHED),
            SELLER,
            [(SELLER, "untouched")],
        ),
        (event("activity.untouched", None, responsible=None, **UNTOUCHED), None, []),
        (event("payment.received", by=HEAD, **PAYMENT), SELLER, [(SELLER, "payment")]),
        (event("payment.received", by=SELLER, **PAYMENT), SELLER, []),
        # Who works it is not known yet: that is no news.
        (event("payment.received", None, **PAYMENT), None, []),
        (event("payment.received", by=HEAD, **PAYMENT), None, [(SELLER, "payment")]),
        (accrual_posted(TENANT, COMPANY, 1, "1.00", "2026-11"), None, [(SELLER, "accrual")]),
        (vip_event(TENANT, ACTIVITY, 1, SELLER), None, [(SELLER, "assigned")]),
    ],
)
def test_an_event_is_told_to_whom_it_concerns_but_not_to_who_did_it(
    made: PublishedEvent, former: UUID | None, notices: list[tuple[UUID, str]]
) -> None:
    assert told(made, former) == notices


def test_a_vip_is_taken_away_unless_its_holder_gave_it_up() -> None:
    made = vip_event(TENANT, ACTIVITY, 2, None)
    content: Any = made.event
    assert told(made) == [(content.former, "taken_away")]
    given_up = replace(made, event=content.model_copy(update={"why": "released"}))
    assert told(given_up) == []


def test_the_holder_of_a_vip_hears_of_another_place_and_of_a_near_reset() -> None:
    claimed: Any = vip_event(TENANT, ACTIVITY, 1, SELLER).event
    common = {"vip_id": ACTIVITY, "by": None, "state": claimed.state, "responsible": SELLER}
    moved = REGISTRY["vip.kind_changed"].model_validate({**common, "kind": "in_development"})
    assert told(published(TENANT, moved, ACTIVITY, 2)) == [(SELLER, "vip_moved")]
    own = REGISTRY["vip.kind_changed"].model_validate(
        {**common, "by": SELLER, "kind": "by_receipts"}
    )
    assert told(published(TENANT, own, ACTIVITY, 2)) == []
    due_at = NOW + timedelta(days=1)
    warned = published(
        TENANT,
        REGISTRY["vip.reset_warned"].model_validate({**common, "due_at": due_at}),
        ACTIVITY,
        2,
    )
    (warning,) = notices_of(warned.event, warned.envelope, None)
    assert (warning.kind, warning.moment, warning.subject_id) == ("reset_warning", due_at, ACTIVITY)


def test_a_payment_is_known_by_its_id_and_a_warning_by_its_deadline() -> None:
    made = event("payment.received", by=HEAD, **PAYMENT)
    (payment,) = notices_of(made.event, made.envelope, SELLER)
    assert (payment.subject_id, payment.moment, payment.activity_id) == (
        PAYMENT["payment_id"],
        NOW,
        ACTIVITY,
    )
    made = event("activity.reset_warned", **WARNED)
    (warning,) = notices_of(made.event, made.envelope, SELLER)
    assert (warning.subject_id, warning.moment) == (ACTIVITY, WARNED["due_at"])


@pytest.mark.parametrize(
    ("made", "kinds"),
    [
        (event("activity.registered", None), ["pool"]),
        (event("activity.registered"), []),
        (event("activity.released", None, **RELEASED), ["pool"]),
        (event("activity.deadline_moved", None), []),
        (event("activity.untouched", None, responsible=None, **UNTOUCHED), []),
        (
            event("activity.untouched", None, responsible=None, since=NOW, escalated=True),
            ["untouched"],
        ),
    ],
)
def test_a_room_is_told_of_what_is_new_in_its_pool_and_its_heads_of_the_untouched(
    made: PublishedEvent, kinds: list[str]
) -> None:
    notices = room_notices_of(made.event, made.envelope)
    assert [notice.kind for notice in notices] == kinds
    assert all(notice.room_id == ROOM for notice in notices)


@pytest.mark.parametrize(
    ("name", "by", "expected"),
    [
        ("dispute.answered", HEAD, [(SELLER, "dispute_answered")]),
        ("dispute.resolved", HEAD, [(SELLER, "dispute_answered")]),
        ("dispute.resolved", SELLER, []),
        ("dispute.opened", HEAD, []),
    ],
)
def test_who_disputed_is_told_of_the_answer(
    name: str, by: UUID, expected: list[tuple[UUID, str]]
) -> None:
    content = {
        "dispute_id": UUID(int=40),
        "entry_id": UUID(int=41),
        "employee_id": SELLER,
        "company_id": COMPANY,
        "room_id": ROOM,
        "period": "2026-11",
        "due_on": "2026-11-25",
        "by": by,
        "outcome": "declined",
        "adjustment_id": None,
    }
    answered = published(TENANT, REGISTRY[name].model_validate(content), UUID(int=40), 2)
    assert told(answered) == expected
    assert {
        notice.subject_id for notice in notices_of(answered.event, answered.envelope, None)
    } <= {UUID(int=40)}
