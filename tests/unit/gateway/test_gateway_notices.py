"""Whom something concerns, and what they are told together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.gateway.domain.fanning_out import Work, bundled, personal
from services.gateway.domain.notices import Notice, Reader, RoomNotice, recipients
from shared.vocabulary import NotificationKind

ROOM, OTHER_ROOM, COMPANY, FIRST, SECOND = (UUID(int=number) for number in range(1, 6))
SELLER, HEAD, ADMIN, MARKETER = (UUID(int=number) for number in range(11, 15))
AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ARRIVAL = RoomNotice("pool", FIRST, AT, ROOM, COMPANY, AT + MINUTE, AT)
OVERDUE = replace(ARRIVAL, kind="step_overdue")
seller = Reader(SELLER, True, ["seller"], [ROOM], None)
head = Reader(HEAD, True, ["head"], [ROOM, OTHER_ROOM], [ROOM])
admin = Reader(ADMIN, True, ["admin"], [], None)
marketer = Reader(MARKETER, True, ["marketer"], [ROOM], None)


@pytest.mark.parametrize(
    ("notice", "readers"),
    [
        (ARRIVAL, [seller, head]),
        (replace(ARRIVAL, room_id=OTHER_ROOM), []),
        (OVERDUE, [head]),
        (replace(OVERDUE, kind="untouched"), [head]),
        (replace(OVERDUE, room_id=OTHER_ROOM), []),
    ],
)
def test_a_pool_is_for_its_sellers_and_the_rest_for_heads(
    notice: RoomNotice, readers: list[Reader]
) -> None:
    assert recipients(notice, [seller, head, admin, marketer]) == readers


@pytest.mark.parametrize(
    ("reader", "kind", "room", "may"),
    [
        (seller, "next_step", ROOM, True),
        (seller, "next_step", OTHER_ROOM, False),
        (seller, "next_step", None, False),
        (seller._replace(active=False), "next_step", ROOM, False),
        (seller, "accrual", None, True),
        (seller, "dispute_answered", OTHER_ROOM, True),
        (seller._replace(active=False), "accrual", None, False),
        (marketer, "payment", ROOM, False),
        (marketer, "accrual", None, True),
        (admin, "payment", OTHER_ROOM, True),
        (admin._replace(roles=["accountant"]), "payment", OTHER_ROOM, True),
        (head, "step_overdue", OTHER_ROOM, True),
        (seller._replace(roles=[]), "next_step", ROOM, False),
    ],
)
def test_nobody_is_told_what_they_may_not_read(
    reader: Reader, kind: NotificationKind, room: UUID | None, may: bool
) -> None:
    assert reader.may_read(kind, room) is may


def test_what_came_into_a_pool_is_told_together() -> None:
    later = replace(ARRIVAL, subject_id=SECOND, moment=AT + MINUTE)
    elsewhere = replace(ARRIVAL, room_id=OTHER_ROOM)
    assert bundled([ARRIVAL, OVERDUE, later, elsewhere]) == [
        (later, 2),
        (elsewhere, 1),
        (OVERDUE, 1),
    ]


def test_each_gets_one_notification_that_names_the_only_activity() -> None:
    told = personal([(ARRIVAL, 2), (OVERDUE, 1)], [seller, head], AT)
    pool = Notice(SELLER, "pool", ROOM, AT, AT, AT, None, ROOM, COMPANY, 2)
    overdue = Notice(HEAD, "step_overdue", FIRST, AT, AT, AT, FIRST, ROOM, COMPANY, 1)
    assert told == [pool, replace(pool, employee_id=HEAD), overdue]
    (alone,) = personal([(ARRIVAL, 1)], [seller], AT)
    assert (alone.activity_id, alone.subject_id, alone.count) == (FIRST, ROOM, 1)


FREE = Work("free", ROOM, None, None)
PROMISED = Work("in_work", ROOM, SELLER, AT)


@pytest.mark.parametrize(
    ("work", "notice", "bears"),
    [
        (FREE, ARRIVAL, True),
        (PROMISED, ARRIVAL, False),
        (FREE._replace(room_id=OTHER_ROOM), ARRIVAL, False),
        (PROMISED, OVERDUE, True),
        (PROMISED._replace(step_at=AT + MINUTE), OVERDUE, False),
        (PROMISED._replace(step_at=None), OVERDUE, False),
        (FREE, replace(OVERDUE, kind="untouched"), True),
        (PROMISED, replace(OVERDUE, kind="untouched"), True),
        (PROMISED._replace(status="lost"), replace(OVERDUE, kind="untouched"), False),
    ],
)
def test_what_no_longer_holds_is_not_told(work: Work, notice: RoomNotice, bears: bool) -> None:
    assert work.bears(notice) is bears


@pytest.mark.parametrize(
    ("employee", "due_at", "reminds"),
    [(SELLER, AT, True), (HEAD, AT, False), (SELLER, AT + MINUTE, False)],
)
def test_a_reminder_is_for_who_still_has_the_step(
    employee: UUID, due_at: datetime, reminds: bool
) -> None:
    assert PROMISED.reminds(employee, due_at) is reminds
