"""Progress keeps a VIP; changed room settings move its deadline."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vip.domain.progress import progress, realign
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId, new_id

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SELLER = EmployeeId(new_id())


def held(room_settings: RoomSettings) -> Vip:
    ids = VipId(new_id()), 4, CompanyId(new_id()), RoomId(new_id()), ClientId(new_id()), "RUB"
    return Vip(*ids, SELLER, "in_development", NOW, NOW, room_settings.reset_due_at(NOW))


def test_progress_moves_the_deadline() -> None:
    room_settings = RoomSettings(reset_days=30)
    event = progress(held(room_settings), NOW + timedelta(days=10), room_settings)
    assert event.type == "vip.progressed"
    assert (event.after.version, event.after.reset_due_at) == (5, NOW + timedelta(days=40))


@pytest.mark.parametrize(
    ("seconds", "event_type"), [(-1, "vip.progressed"), (0, "vip.released"), (1, "vip.released")]
)
def test_progress_after_the_deadline_comes_too_late(seconds: int, event_type: str) -> None:
    room_settings = RoomSettings(reset_days=30)
    event = progress(held(room_settings), NOW + timedelta(days=30, seconds=seconds), room_settings)
    assert event.type == event_type
    if event_type == "vip.released":
        assert event.details == {"former": SELLER, "why": "reset"}


@given(st.lists(st.integers(0, 29 * 24), min_size=1))
def test_the_latest_progress_counts_in_whatever_order_it_comes(hours: list[int]) -> None:
    room_settings = RoomSettings(reset_days=30)
    vip = held(room_settings)
    for hour in hours:
        vip = progress(vip, NOW + timedelta(hours=hour), room_settings).after
    assert vip.progress_at == NOW + timedelta(hours=max(hours))
    assert vip.reset_due_at == NOW + timedelta(days=30, hours=max(hours))
    assert vip.version == 4 + len(hours)


@pytest.mark.parametrize(
    ("before", "after", "due_at"),
    [
        (30, 10, NOW + timedelta(days=10)),
        (10, 30, NOW + timedelta(days=30)),
        (30, 0, None),
        (0, 5, NOW + timedelta(days=5)),
    ],
)
def test_changed_settings_move_the_deadline_of_a_held_vip(
    before: int, after: int, due_at: datetime | None
) -> None:
    (event,) = realign(held(RoomSettings(reset_days=before)), RoomSettings(reset_days=after))
    assert event.type == "vip.progressed"
    assert (event.after.version, event.after.reset_due_at) == (5, due_at)


@pytest.mark.parametrize("days", [0, 1, 30])
def test_an_unchanged_period_moves_no_deadline(days: int) -> None:
    vip = held(RoomSettings(reset_days=days))
    assert realign(vip, RoomSettings(in_development_limit=1, reset_days=days)) == []
