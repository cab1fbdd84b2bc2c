"""Who becomes responsible, and from when."""

from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain import taking
from services.activities.domain.refusals import (
    AlreadyTaken,
    AlreadyWon,
    NotFree,
    NotInWork,
    TooSoon,
    VipOfAnother,
)
from services.activities.domain.room_settings import RoomSettings
from tests.unit.activities.deals import ANNA, BORIS, NOW, NUMBERS, a_free, in_work, later, types

moments = st.integers(-7200, 7200).map(lambda seconds: NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("waited", "allowed"), [(0, False), (59, False), (59.999, False), (60, True), (61, True)]
)
def test_a_seller_takes_again_only_after_the_cooldown(waited: float, allowed: bool) -> None:
    now = later(seconds=waited)
    if allowed:
        assert taking.take(a_free(), ANNA, NOW, NUMBERS, None, now).after.responsible == ANNA
    else:
        with pytest.raises(TooSoon):
            taking.take(a_free(), ANNA, NOW, NUMBERS, None, now)


@pytest.mark.parametrize(("waited", "allowed"), [(0, False), (59.999, False), (60, True)])
def test_who_parted_with_an_activity_waits_as_long_to_take_that_very_one(
    waited: float, allowed: bool
) -> None:
    released_at_by_seller = a_free(released_at_by_seller=MappingProxyType({ANNA: NOW}))
    now = later(seconds=waited)
    assert (
        taking.take(released_at_by_seller, BORIS, None, NUMBERS, None, now).after.responsible
        == BORIS
    ), "others may at once"
    if allowed:
        assert (
            taking.take(released_at_by_seller, ANNA, None, NUMBERS, None, now).after.responsible
            == ANNA
        )
    else:
        with pytest.raises(TooSoon):
            taking.take(released_at_by_seller, ANNA, None, NUMBERS, None, now)


@pytest.mark.parametrize(
    ("waited", "left"), [(0, 60), (0.001, 60), (1, 59), (59, 1), (59.5, 1), (59.999, 1)]
)
def test_the_refusal_says_whole_seconds_left_never_too_few(waited: float, left: int) -> None:
    with pytest.raises(TooSoon) as refused:
        taking.take(a_free(), ANNA, NOW, NUMBERS, None, later(seconds=waited))
    assert refused.value.extra["retry_after_seconds"] == left


@given(
    last=st.none() | moments,
    released_at_by_seller=st.none() | moments,
    now=moments,
    cooldown=st.integers(0, 3600),
)
def test_a_take_is_allowed_exactly_when_both_readings_of_the_cooldown_have_run_out(
    last: datetime | None, released_at_by_seller: datetime | None, now: datetime, cooldown: int
) -> None:
    activity = a_free(
        released_at_by_seller=MappingProxyType(
            {ANNA: released_at_by_seller} if released_at_by_seller else {}
        )
    )
    room_settings = RoomSettings(retake_cooldown_seconds=cooldown)
    expected = all(
        moment is None or now - moment >= timedelta(seconds=cooldown)
        for moment in (last, released_at_by_seller)
    )
    try:
        taking.take(activity, ANNA, last, room_settings, None, now)
    except TooSoon as refused:
        assert not expected
        seconds = refused.extra["retry_after_seconds"]
        taking.take(activity, ANNA, last, room_settings, None, now + timedelta(seconds=seconds))
        with pytest.raises(TooSoon):
            taking.take(
                activity, ANNA, last, room_settings, None, now + timedelta(seconds=seconds - 1)
            )
    else:
        assert expected


def test_no_cooldown_lets_one_take_at_once() -> None:
    free = a_free(released_at_by_seller=MappingProxyType({ANNA: NOW}))
    assert (
        taking.take(
            free, ANNA, NOW, RoomSettings(retake_cooldown_seconds=0), None, NOW
        ).after.responsible
        == ANNA
    )


def test_a_take_makes_the_seller_responsible_and_starts_the_reset_deadline() -> None:
    now = later(hours=5)
    free = a_free()
    taken = taking.take(free, ANNA, None, NUMBERS, None, now)
    assert (taken.what, taken.details) == ("activity.taken", {"responsible": ANNA, "how": "taken"})
    assert taken.after.version == free.version + 1
    assert (taken.after.status, taken.after.responsible_since, taken.after.how) == (
        "in_work",
        now,
        "taken",
    )
    assert taken.after.reset_due_at == now + timedelta(days=14)


def test_the_loser_of_a_race_hears_who_was_first_and_since_when() -> None:
    with pytest.raises(AlreadyTaken) as refused:
        taking.take(in_work(), BORIS, None, NUMBERS, None, NOW)
    assert refused.value.extra == {"responsible_id": ANNA, "taken_at": NOW}


@pytest.mark.parametrize("status", ["won", "lost"])
def test_what_is_closed_is_nobodys_to_take(status: str) -> None:
    with pytest.raises(NotFree):
        taking.take(a_free(status=status), ANNA, None, NUMBERS, None, NOW)


def test_a_client_held_by_another_is_not_to_be_taken() -> None:
    with pytest.raises(VipOfAnother):
        taking.take(a_free(), ANNA, None, NUMBERS, BORIS, NOW)
    assert taking.take(a_free(), ANNA, None, NUMBERS, ANNA, NOW).after.responsible == ANNA


def test_who_gives_back_parts_with_it_and_a_head_who_takes_away_does_not_punish() -> None:
    given_back = taking.release(in_work(), "не мой профиль", later(minutes=1))
    assert given_back.details == {"former": ANNA, "has_reason": True}
    assert given_back.note == "не мой профиль"
    assert dict(given_back.after.released_at_by_seller) == {ANNA: later(minutes=1)}
    taken_away = taking.take_away(in_work(), later(minutes=1))
    assert (taken_away.what, dict(taken_away.after.released_at_by_seller)) == (
        "activity.released",
        {},
    )
    for freed in (given_back.after, taken_away.after):
        nobody = (
            freed.responsible,
            freed.responsible_since,
            freed.how,
            freed.reset_due_at,
            freed.shares,
        )
        assert (freed.status, nobody) == ("free", (None, None, None, None, ()))


@pytest.mark.parametrize("status", ["free", "won", "lost"])
def test_only_what_is_in_work_can_be_given_back_or_taken_away(status: str) -> None:
    with pytest.raises(NotInWork):
        taking.release(a_free(status=status, responsible=ANNA), "причина", NOW)
    with pytest.raises(NotInWork):
        taking.take_away(a_free(status=status), NOW)


def test_a_head_assigns_what_is_free_or_in_work_and_to_the_same_seller_nothing_happens() -> None:
    assert types(taking.assign(a_free(), BORIS, NUMBERS, NOW)) == ["activity.taken"]
    (moved,) = taking.assign(in_work(shares=((ANNA, 1),)), BORIS, NUMBERS, NOW)
    assert (moved.after.responsible, moved.after.how, moved.after.shares) == (BORIS, "assigned", ())
    assert taking.assign(in_work(), ANNA, NUMBERS, NOW) == []


@pytest.mark.parametrize(("status", "refusal"), [("won", AlreadyWon), ("lost", NotInWork)])
def test_what_is_closed_is_not_assigned(status: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        taking.assign(a_free(status=status), BORIS, NUMBERS, NOW)


@pytest.mark.parametrize(("days", "resets"), [(13.999, False), (14, True), (15, True)])
def test_without_progress_the_activity_returns_to_the_pool_at_its_deadline(
    days: float, resets: bool
) -> None:
    events = taking.reset(in_work(), later(days=days))
    assert types(events) == (["activity.reset"] if resets else [])
    if resets:
        assert events[0].details == {"former": ANNA, "due_at": later(days=14)}
        assert (events[0].after.status, events[0].after.responsible) == ("free", None)
        assert ANNA in events[0].after.released_at_by_seller


@pytest.mark.parametrize(
    "activity",
    [a_free(reset_due_at=NOW), in_work(reset_due_at=None), a_free(status="lost", reset_due_at=NOW)],
)
def test_nothing_resets_that_is_not_in_work_or_has_no_deadline(activity: object) -> None:
    assert taking.reset(activity, later(days=4000)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "due_days"), [(7, 7), (30, 30), (0, None)])
def test_changed_numbers_move_the_deadline_from_the_last_progress(
    days: int, due_days: int | None
) -> None:
    (moved,) = taking.move_deadline(in_work(), RoomSettings(activity_reset_days=days))
    assert moved.what == "activity.deadline_moved"
    assert moved.after.reset_due_at == (later(days=due_days) if due_days else None)
    assert taking.move_deadline(moved.after, RoomSettings(activity_reset_days=days)) == [], "once"
    assert taking.move_deadline(a_free(), RoomSettings(activity_reset_days=days)) == []


@pytest.mark.parametrize(
    ("days", "what"),
    [
        (14, []),
        (30, ["activity.deadline_moved"]),
        (7, ["activity.deadline_moved", "activity.reset"]),
        (0, ["activity.deadline_moved"]),
    ],
)
def test_what_happens_by_itself_is_judged_by_the_numbers_of_now(days: int, what: list[str]) -> None:
    events = taking.catch_up(in_work(), RoomSettings(activity_reset_days=days), later(days=10))
    assert types(events) == what
    assert all(each.catch_up for each in events)
    assert taking.catch_up(a_free(), RoomSettings(activity_reset_days=days), later(days=10)) == []
