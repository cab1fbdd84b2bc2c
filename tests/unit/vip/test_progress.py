"""Progress keeps a VIP; changed room settings move its deadline."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vip.domain.holding import free
from services.vip.domain.progress import progress, realign, reset, under, warn
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


def test_rules_judge_by_the_current_settings_not_by_the_stored_deadline() -> None:
    vip = held(RoomSettings(reset_days=30))
    assert under(vip, RoomSettings(reset_days=10)).reset_due_at == NOW + timedelta(days=10)
    event = progress(vip, NOW + timedelta(days=20), RoomSettings(reset_days=10))
    assert event.details == {"former": SELLER, "why": "reset"}
    event = progress(vip, NOW + timedelta(days=40), RoomSettings(reset_days=50))
    assert event.after.reset_due_at == NOW + timedelta(days=90)


def test_current_settings_give_a_free_vip_no_deadline() -> None:
    vip = free(held(RoomSettings()), "released").after
    assert under(vip, RoomSettings(reset_days=10)) == vip


@pytest.mark.parametrize(
    ("reset_days", "event_type", "due_at"),
    [
        (30, "vip.released", None),
        (10, "vip.released", None),
        (31, "vip.progressed", NOW + timedelta(days=31)),
        (0, "vip.progressed", None),
    ],
)
def test_a_reset_frees_by_the_current_settings_or_moves_the_deadline(
    reset_days: int, event_type: str, due_at: datetime | None
) -> None:
    vip, now = held(RoomSettings(reset_days=30)), NOW + timedelta(days=30)
    (event,) = reset(vip, RoomSettings(reset_days=reset_days), now)
    assert (event.type, event.after.version, event.after.reset_due_at) == (event_type, 5, due_at)
    assert event.after.responsible == (None if event_type == "vip.released" else SELLER)
    released = {"former": SELLER, "why": "reset"}
    assert event.details == (released if event_type == "vip.released" else {})


def test_the_holder_is_warned_once_for_each_deadline() -> None:
    room_settings = RoomSettings(reset_days=30, warn_before_hours=24)
    vip = replace(held(room_settings), warning_at=NOW + timedelta(days=29))
    assert warn(vip, room_settings, NOW + timedelta(days=29, seconds=-1)) == []
    (event,) = warn(vip, room_settings, NOW + timedelta(days=29))
    assert event.type == "vip.reset_warned"
    assert event.details == {"responsible": SELLER, "due_at": NOW + timedelta(days=30)}
    assert event.after == replace(vip, version=5, warning_at=None)
    assert warn(event.after, room_settings, NOW + timedelta(days=29, hours=1)) == []


def test_nobody_is_warned_of_what_has_passed() -> None:
    room_settings = RoomSettings(reset_days=30)
    vip = replace(held(room_settings), warning_at=NOW + timedelta(days=29))
    assert warn(vip, room_settings, NOW + timedelta(days=30)) == []


def test_a_warning_follows_a_deadline_that_settings_moved() -> None:
    vip = replace(held(RoomSettings(reset_days=30)), warning_at=NOW + timedelta(days=29))
    (event,) = warn(vip, RoomSettings(reset_days=40), NOW + timedelta(days=29))
    assert event.type == "vip.progressed"
    assert event.after.warning_at == NOW + timedelta(days=39)


def test_progress_that_moves_no_deadline_keeps_the_warning() -> None:
    room_settings = RoomSettings(reset_days=30)
    assert progress(held(room_settings), NOW, room_settings).after.warning_at is None
    later = progress(held(room_settings), NOW + timedelta(days=1), room_settings)
    assert later.after.warning_at == NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("hours", "due_in", "warning_in"),
    [(24, 240, 216), (24, 49, 25), (24, 48, 24), (24, 47, 23.5), (24, 10, 5), (0, 240, None)],
)
def test_a_warning_comes_in_the_second_half_of_the_time(
    hours: int, due_in: int, warning_in: float | None
) -> None:
    warning_at = RoomSettings(warn_before_hours=hours).warning_at(
        NOW, NOW + timedelta(hours=due_in)
    )
    assert warning_at == (None if warning_in is None else NOW + timedelta(hours=warning_in))


def test_what_never_resets_has_no_warning() -> None:
    assert RoomSettings().warning_at(NOW, None) is None
