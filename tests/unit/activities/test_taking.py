"""Taking from the pool, and being assigned."""

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
    WorkLimitReached,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.vip_hold import VipHold
from shared.errors import Refusal, VipOfAnother
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    SETTINGS,
    a_free,
    in_work,
    later,
    types,
)

moments = st.integers(-7200, 7200).map(lambda seconds: NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("waited", "allowed"), [(0, False), (59, False), (59.999, False), (60, True), (61, True)]
)
def test_a_seller_takes_again_only_after_the_cooldown(waited: float, allowed: bool) -> None:
    now = later(seconds=waited)
    if allowed:
        assert taking.take(a_free(), ANNA, NOW, SETTINGS, None, now).after.responsible_id == ANNA
    else:
        with pytest.raises(TooSoon):
            taking.take(a_free(), ANNA, NOW, SETTINGS, None, now)


@pytest.mark.parametrize(("waited", "allowed"), [(0, False), (59.999, False), (60, True)])
def test_a_former_responsible_waits_as_long_for_that_very_activity(
    waited: float, allowed: bool
) -> None:
    released_at_by_seller = a_free(released_at_by_seller=MappingProxyType({ANNA: NOW}))
    now = later(seconds=waited)
    assert (
        taking.take(released_at_by_seller, BORIS, None, SETTINGS, None, now).after.responsible_id
        == BORIS
    ), "others may at once"
    if allowed:
        assert (
            taking.take(released_at_by_seller, ANNA, None, SETTINGS, None, now).after.responsible_id
            == ANNA
        )
    else:
        with pytest.raises(TooSoon):
            taking.take(released_at_by_seller, ANNA, None, SETTINGS, None, now)


@pytest.mark.parametrize(
    ("waited", "left"), [(0, 60), (0.001, 60), (1, 59), (59, 1), (59.5, 1), (59.999, 1)]
)
def test_the_refusal_says_whole_seconds_left_never_too_few(waited: float, left: int) -> None:
    with pytest.raises(TooSoon) as refused:
        taking.take(a_free(), ANNA, NOW, SETTINGS, None, later(seconds=waited))
    assert refused.value.extra["retry_after_seconds"] == left


@given(
    last=st.none() | moments,
    released_at_by_seller=st.none() | moments,
    now=moments,
    cooldown=st.integers(0, 3600),
)
def test_a_take_is_allowed_exactly_when_both_cooldowns_have_run_out(
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


def test_a_room_without_a_cooldown_lets_a_seller_take_at_once() -> None:
    free = a_free(released_at_by_seller=MappingProxyType({ANNA: NOW}))
    assert (
        taking.take(
            free, ANNA, NOW, RoomSettings(retake_cooldown_seconds=0), None, NOW
        ).after.responsible_id
        == ANNA
    )


def test_a_take_makes_the_seller_responsible_and_starts_the_reset_deadline() -> None:
    now = later(hours=5)
    free = a_free()
    taken = taking.take(free, ANNA, None, SETTINGS, None, now)
    assert (taken.type, taken.details) == ("activity.taken", {"responsible": ANNA, "how": "taken"})
    assert taken.after.version == free.version + 1
    assert (taken.after.status, taken.after.responsible_since, taken.after.how) == (
        "in_work",
        now,
        "taken",
    )
    assert taken.after.reset_due_at == now + timedelta(days=14)


def test_the_loser_of_a_race_learns_who_was_first_and_since_when() -> None:
    with pytest.raises(AlreadyTaken) as refused:
        taking.take(in_work(), BORIS, None, SETTINGS, None, NOW)
    assert refused.value.extra == {"responsible_id": ANNA, "taken_at": NOW}


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_closed_activity_cannot_be_taken(status: str) -> None:
    with pytest.raises(NotFree) as refused:
        taking.take(a_free(status=status), ANNA, None, SETTINGS, None, NOW)
    assert refused.value.extra == {"activity_status": status}


@pytest.mark.parametrize("protected_until", [later(days=3), None])
def test_a_client_held_by_another_is_refused_with_the_end_of_protection(
    protected_until: datetime | None,
) -> None:
    with pytest.raises(VipOfAnother) as refused:
        taking.take(a_free(), ANNA, None, SETTINGS, VipHold(BORIS, protected_until), NOW)
    assert refused.value.extra == {"protected_until": protected_until}


def test_the_holder_of_a_client_takes_its_activities() -> None:
    hold = VipHold(ANNA, later(days=3))
    taken = taking.take(a_free(), ANNA, None, SETTINGS, hold, NOW)
    assert taken.after.responsible_id == ANNA


def test_assigning_moves_an_open_activity_and_ignores_its_own_seller() -> None:
    assert types(taking.assign(a_free(), BORIS, SETTINGS, NOW)) == ["activity.taken"]
    (moved,) = taking.assign(in_work(shares=((ANNA, 1),)), BORIS, SETTINGS, NOW)
    assert (moved.after.responsible_id, moved.after.how, moved.after.shares) == (
        BORIS,
        "assigned",
        (),
    )
    assert taking.assign(in_work(), ANNA, SETTINGS, NOW) == []


def test_an_assigned_seller_has_the_usual_time_from_now() -> None:
    (assigned,) = taking.assign(in_work(), BORIS, SETTINGS, later(days=3))
    assert assigned.details == {"responsible": BORIS, "how": "assigned"}
    assert (assigned.after.responsible_since, assigned.after.progress_at) == (
        later(days=3),
        later(days=3),
    )
    assert assigned.after.reset_due_at == later(days=17)


@pytest.mark.parametrize(
    ("status", "refusal", "extra"),
    [("won", AlreadyWon, {}), ("lost", NotInWork, {"activity_status": "lost"})],
)
def test_a_closed_activity_is_not_assigned(
    status: str, refusal: type[Refusal], extra: dict[str, str]
) -> None:
    with pytest.raises(refusal) as refused:
        taking.assign(a_free(status=status), BORIS, SETTINGS, NOW)
    assert refused.value.extra == extra


@pytest.mark.parametrize(("count", "refused"), [(4, False), (5, True), (6, True)])
def test_a_seller_has_no_more_in_work_than_the_limit(count: int, refused: bool) -> None:
    if not refused:
        taking.require_below_limit(5, count)
        return
    with pytest.raises(WorkLimitReached) as refusal:
        taking.require_below_limit(5, count)
    assert refusal.value.extra == {"limit": 5, "in_work": count}
