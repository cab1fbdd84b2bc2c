"""Who may hold a client, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from services.vip.domain.holding import (
    VipNotHeld,
    free,
    hold,
    move,
    release,
    require_free,
)
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, Vip
from shared.errors import Forbidden, VipOfAnother
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId, new_id
from shared.vocabulary import VipReleaseReason

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELLER, OTHER = EmployeeId(new_id()), EmployeeId(new_id())
ROOM, OTHER_ROOM = RoomId(new_id()), RoomId(new_id())
FREE = Vip(VipId(new_id()), 0, CompanyId(new_id()), ROOM, ClientId(new_id()), "RUB")
HELD = replace(hold(FREE, SELLER, ROOM, RoomSettings(), NOW), kind="in_development")


def test_a_free_client_may_be_claimed() -> None:
    require_free(FREE)


def test_a_held_client_is_refused_with_the_end_of_its_protection() -> None:
    with pytest.raises(VipOfAnother) as refused:
        require_free(HELD)
    assert refused.value.code == "vip_of_another"
    assert refused.value.extra == {"protected_until": NOW + timedelta(days=30)}


def test_holding_records_seller_room_and_moment() -> None:
    assert hold(FREE, SELLER, OTHER_ROOM, RoomSettings(reset_days=7), NOW) == replace(
        FREE,
        version=1,
        room_id=OTHER_ROOM,
        responsible=SELLER,
        since=NOW,
        progress_at=NOW,
        reset_due_at=NOW + timedelta(days=7),
        warning_at=NOW + timedelta(days=6),
    )


def test_the_holder_of_an_event_is_who_holds_it_then_or_held_it_before() -> None:
    assert DomainEvent("vip.progressed", HELD).holder == SELLER
    assert free(HELD, "reset").holder == SELLER
    assert DomainEvent("vip.progressed", FREE).holder is None


@pytest.mark.parametrize(
    ("days", "due_at"), [(0, None), (1, NOW + timedelta(days=1)), (365, NOW + timedelta(days=365))]
)
def test_the_deadline_counts_in_days_and_zero_means_never(
    days: int, due_at: datetime | None
) -> None:
    assert RoomSettings(reset_days=days).reset_due_at(NOW) == due_at


@pytest.mark.parametrize(("seconds", "overdue"), [(-1, False), (0, True), (1, True)])
def test_a_vip_is_overdue_from_its_deadline_on(seconds: int, overdue: bool) -> None:
    assert HELD.overdue(NOW + timedelta(days=30, seconds=seconds)) is overdue


def test_a_vip_that_never_resets_is_never_overdue() -> None:
    assert not replace(HELD, reset_due_at=None).overdue(NOW + timedelta(days=36500))


def test_the_holder_releases_a_vip() -> None:
    event = release(HELD, SELLER)
    assert event.type == "vip.released"
    assert event.details == {"former": SELLER, "why": "released"}
    assert event.after == replace(FREE, version=2)


def test_another_seller_does_not_release_a_vip() -> None:
    with pytest.raises(Forbidden) as refused:
        release(HELD, OTHER)
    assert refused.value.reason == "release_vip"


def test_a_vip_that_nobody_holds_is_not_released() -> None:
    with pytest.raises(VipNotHeld) as refused:
        release(FREE, SELLER)
    assert refused.value.code == "vip_not_held"


@pytest.mark.parametrize("reason", get_args(VipReleaseReason))
def test_freeing_names_the_former_holder_and_the_reason(reason: VipReleaseReason) -> None:
    assert free(HELD, reason).details == {"former": SELLER, "why": reason}


def test_a_merged_clients_holder_holds_the_other_client_as_before() -> None:
    vip = replace(
        HELD,
        kind="by_receipts",
        since=NOW - timedelta(days=9),
        progress_at=NOW - timedelta(days=2),
        reset_due_at=NOW + timedelta(days=5),
        warning_at=NOW + timedelta(days=4),
    )
    into = replace(FREE, id=VipId(new_id()), client_id=ClientId(new_id()), version=6)
    into = replace(into, room_id=OTHER_ROOM)
    holding = replace(
        into,
        version=7,
        room_id=ROOM,
        responsible=SELLER,
        kind="by_receipts",
        since=NOW - timedelta(days=9),
        progress_at=NOW - timedelta(days=2),
        reset_due_at=NOW + timedelta(days=5),
        warning_at=NOW + timedelta(days=4),
    )
    assert move(vip, into) == [
        DomainEvent("vip.released", replace(FREE, version=2), {"former": SELLER, "why": "merged"}),
        DomainEvent("vip.claimed", holding, {"responsible": SELLER, "kind": "by_receipts"}),
    ]


def test_whoever_holds_the_client_merged_into_keeps_it() -> None:
    into = hold(FREE, OTHER, OTHER_ROOM, RoomSettings(), NOW)
    assert move(HELD, into) == [
        DomainEvent("vip.released", replace(FREE, version=2), {"former": SELLER, "why": "merged"})
    ]
