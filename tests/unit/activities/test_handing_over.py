"""Work that goes on with another seller: of who left, and of closed deals."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from services.activities.domain.activity import DomainEvent
from services.activities.domain.handing_over import (
    POOL,
    Departure,
    Successors,
    hand_over,
    hand_over_closed,
)
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from shared.ids import EmployeeId
from shared.vocabulary import How, Status
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    HEAD,
    NOW,
    SETTINGS,
    a_free,
    in_work,
    later,
)

NOVOSIBIRSK, OMSK, TOMSK = (UUID(int=number) for number in (11, 12, 13))
VERA = EmployeeId(UUID(int=4))
PROMISED = {"next_step": "перезвонить", "next_step_due_at": later(days=3)}
HALVES = ((ANNA, Decimal("0.5")), (BORIS, Decimal("0.5")))


@pytest.mark.parametrize(
    ("room_id", "successor"), [(NOVOSIBIRSK, ANNA), (OMSK, None), (TOMSK, BORIS)]
)
def test_a_room_has_a_successor_of_its_own_or_the_other_one(
    room_id: UUID, successor: EmployeeId | None
) -> None:
    assert Successors(BORIS, {NOVOSIBIRSK: ANNA, OMSK: None}).of(room_id) == successor


def test_without_successors_the_pool_goes_on_everywhere() -> None:
    assert (POOL.otherwise, POOL.by_room, POOL.of(OMSK)) == (None, {}, None)


DEPARTURES = [
    (
        Departure(ANNA, {OMSK: BORIS, TOMSK: None}, HEAD),
        {
            "employee_id": str(ANNA),
            "rooms": [
                {"room_id": str(OMSK), "successor_id": str(BORIS)},
                {"room_id": str(TOMSK), "successor_id": None},
            ],
            "by": str(HEAD),
        },
    ),
    (Departure(ANNA, {}, None), {"employee_id": str(ANNA), "rooms": [], "by": None}),
]


@pytest.mark.parametrize(("departure", "arguments"), DEPARTURES)
def test_a_job_keeps_a_departure_as_text(
    departure: Departure, arguments: dict[str, object]
) -> None:
    assert departure.arguments == arguments


@pytest.mark.parametrize(("departure", "arguments"), DEPARTURES)
def test_a_departure_is_read_from_what_a_job_keeps(
    departure: Departure, arguments: dict[str, object]
) -> None:
    assert Departure.from_arguments(arguments) == departure


@pytest.mark.parametrize(
    ("successor", "vip_holder", "responsible", "how"),
    [
        (BORIS, None, BORIS, "handed_over"),
        (BORIS, ANNA, BORIS, "handed_over"),
        (BORIS, BORIS, BORIS, "handed_over"),
        (BORIS, VERA, VERA, "vip_routed"),
        (None, VERA, VERA, "vip_routed"),
    ],
)
def test_the_leavers_work_goes_to_the_successor_or_to_the_vips_holder(
    successor: EmployeeId | None, vip_holder: EmployeeId | None, responsible: EmployeeId, how: How
) -> None:
    settings = RoomSettings(
        activity_reset_days=5, options=RoomOptions(pause_for_invoices=True, first_touch_minutes=30)
    )
    activity = in_work(shares=HALVES, reset_paused_until=later(days=9), **PROMISED)
    now = later(days=1)
    assert hand_over(activity, ANNA, successor, vip_holder, settings, now) == [
        DomainEvent(
            "activity.taken",
            replace(
                activity,
                version=2,
                responsible_id=responsible,
                responsible_since=now,
                how=how,
                shares=(),
                progress_at=now,
                reset_due_at=later(days=14),
                reset_warning_at=later(days=13),
                untouched_at=later(days=1, minutes=30),
            ),
            {"responsible": responsible, "how": how},
        )
    ]


@pytest.mark.parametrize("vip_holder", [None, ANNA])
def test_without_a_successor_the_leavers_work_returns_to_the_pool(
    vip_holder: EmployeeId | None,
) -> None:
    activity = in_work(shares=HALVES, **PROMISED)
    assert hand_over(activity, ANNA, None, vip_holder, SETTINGS, later(days=1)) == [
        DomainEvent(
            "activity.released",
            replace(
                activity,
                version=2,
                status="free",
                responsible_id=None,
                responsible_since=None,
                last_responsible_id=ANNA,
                how=None,
                shares=(),
                next_step=None,
                next_step_due_at=None,
                reset_due_at=None,
                reset_warning_at=None,
            ),
            {
                "former": ANNA,
                "has_reason": False,
                "step": "dropped",
                "step_due_at": later(days=3),
            },
            text={"step_what": "перезвонить"},
        )
    ]


@pytest.mark.parametrize(
    ("status", "responsible"),
    [("in_work", BORIS), ("free", None), ("free", ANNA), ("won", ANNA), ("lost", ANNA)],
)
def test_what_the_leaver_works_no_more_stays_where_it_is(
    status: Status, responsible: EmployeeId | None
) -> None:
    activity = in_work(status=status, responsible_id=responsible)
    assert hand_over(activity, ANNA, VERA, HEAD, SETTINGS, NOW) == []


@pytest.mark.parametrize(
    ("status", "former", "shares", "shared_after"),
    [
        ("won", ANNA, (), ((ANNA, Decimal(1)),)),
        ("won", ANNA, HALVES, HALVES),
        ("won", None, (), ()),
        ("won", None, HALVES, HALVES),
        ("lost", ANNA, HALVES, ()),
        ("lost", ANNA, (), ()),
    ],
)
def test_the_pay_of_a_win_stays_with_whom_it_had(
    status: Status,
    former: EmployeeId | None,
    shares: tuple[tuple[EmployeeId, Decimal], ...],
    shared_after: tuple[tuple[EmployeeId, Decimal], ...],
) -> None:
    activity = a_free(status=status, responsible_id=former, shares=shares)
    assert hand_over_closed(activity, VERA, later(days=1)) == [
        DomainEvent(
            "activity.handed_over",
            replace(
                activity,
                version=2,
                responsible_id=VERA,
                responsible_since=later(days=1),
                first_taken_at=later(days=1),
                how="handed_over",
                shares=shared_after,
            ),
            {"former": former, "responsible": VERA},
        )
    ]


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_closed_deal_is_not_handed_over_to_who_has_it(status: Status) -> None:
    assert hand_over_closed(a_free(status=status, responsible_id=ANNA), ANNA, NOW) == []
