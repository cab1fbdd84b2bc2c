"""Who may hold a client, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.vip.domain.holding import (
    VipNotHeld,
    free,
    give_back,
    hold,
    require_free,
)
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from shared.errors import Forbidden, VipOfAnother
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId, new_id

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELLER, OTHER = EmployeeId(new_id()), EmployeeId(new_id())
ROOM, ELSEWHERE = RoomId(new_id()), RoomId(new_id())
FREE = Vip(VipId(new_id()), 0, CompanyId(new_id()), ROOM, ClientId(new_id()), "RUB")
HELD = hold(FREE, SELLER, ROOM, "in_development", RoomSettings(), NOW).after


def test_a_free_client_may_be_claimed() -> None:
    require_free(FREE)


def test_a_held_client_is_refused_with_the_moment_its_protection_ends() -> None:
    with pytest.raises(VipOfAnother) as refused:
        require_free(HELD)
    assert refused.value.code == "vip_of_another"
    assert refused.value.extra == {"protected_until": NOW + timedelta(days=30)}


def test_a_claim_is_a_fact_about_seller_room_and_place() -> None:
    events = hold(FREE, SELLER, ELSEWHERE, "by_receipts", RoomSettings(reset_days=7), NOW)
    assert events.what == "vip.claimed"
    assert events.details == {"responsible": SELLER, "kind": "by_receipts"}
    after = events.after
    assert (after.version, after.responsible, after.room_id, after.since) == (
        1,
        SELLER,
        ELSEWHERE,
        NOW,
    )
    assert after.reset_due_at == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("days", "due"), [(0, None), (1, NOW + timedelta(days=1)), (365, NOW + timedelta(days=365))]
)
def test_the_deadline_counts_in_days_and_zero_means_never(days: int, due: datetime | None) -> None:
    assert RoomSettings(reset_days=days).reset_due_at(NOW) == due


@pytest.mark.parametrize(("seconds", "overdue"), [(-1, False), (0, True), (1, True)])
def test_a_vip_is_overdue_from_its_deadline_on(seconds: int, overdue: bool) -> None:
    assert HELD.overdue(NOW + timedelta(days=30, seconds=seconds)) is overdue


def test_a_vip_that_never_resets_is_never_overdue() -> None:
    assert not replace(HELD, reset_due_at=None).overdue(NOW + timedelta(days=36500))


def test_the_holder_gives_back() -> None:
    events = give_back(HELD, SELLER)
    assert events.what == "vip.released"
    assert events.details == {"former": SELLER, "why": "released"}
    after = events.after
    assert (after.version, after.responsible, after.kind, after.since, after.reset_due_at) == (
        2,
        None,
        None,
        None,
        None,
    )


def test_nobody_else_gives_back() -> None:
    with pytest.raises(Forbidden):
        give_back(HELD, OTHER)


def test_what_nobody_holds_is_not_given_back() -> None:
    with pytest.raises(VipNotHeld):
        give_back(FREE, SELLER)


@pytest.mark.parametrize("why", ["released", "taken_away", "outranked", "reset"])
def test_freeing_says_who_held_it_and_why(why: str) -> None:
    assert free(HELD, why).details == {"former": SELLER, "why": why}  # type: ignore[arg-type]
