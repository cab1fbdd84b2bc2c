"""A past quarter judged by other numbers."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.activities.domain import progress, releasing, taking
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.refusals import TooSoon
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.what_if import (
    Entry,
    Span,
    Stint,
    Take,
    course_of,
    refused_takes,
    would_lose_at,
)
from services.activities.handlers.what_if import quarter_days, quarter_of
from shared.ids import ActivityId, new_id
from shared.vocabulary import InteractionKind
from tests.unit.activities.builders import ANNA, BORIS, NOW, a_free, later

SPAN = Span(NOW, later(days=90))
ROOM = a_free().room_id
DAY = timedelta(days=1)


def entry(what: str, at: datetime, **details: Any) -> Entry:
    return Entry(what, at, orjson.loads(orjson.dumps(details)))


def stint(*days: float, ended: float | None = None, reset: float | None = None) -> Stint:
    """Begun at the first of the days since `NOW`, with progress at the others."""
    return Stint(
        ANNA,
        ROOM,
        tuple(later(days=day) for day in days),
        None if ended is None else later(days=ended),
        None if reset is None else later(days=reset),
    )


@pytest.mark.parametrize(
    ("worked", "days", "lost_after"),
    [
        (stint(1), 14, 15),
        (stint(1, 10, 20), 14, 34),
        (stint(1, 15, 16), 14, 30),  # progress at the very deadline was in time
        (stint(1, 15.001, 30), 14, 15),  # the first deadline; what came after says nothing
        (stint(1, ended=15), 14, None),
        (stint(1, ended=15, reset=15), 14, 15),  # lost in fact, at the same moment
        (stint(1, ended=11, reset=11), 14, None),  # kept
        (stint(1), 0, None),  # never
        (stint(80), 14, None),  # after the quarter
        (stint(-40, -1, 5), 14, 19),
        (stint(-40, -30, 5), 14, 0),  # overdue as the quarter began
        (stint(-40, ended=-20), 14, None),
    ],
)
def test_a_seller_loses_at_the_first_deadline_that_no_progress_came_before(
    worked: Stint, days: int, lost_after: float | None
) -> None:
    settings = RoomSettings(activity_reset_days=days)
    expected = None if lost_after is None else later(days=lost_after)
    assert would_lose_at(worked, settings, None, SPAN) == expected


def test_a_shorter_period_gives_its_days_notice_as_the_quarter_begins() -> None:
    long, short = RoomSettings(activity_reset_days=60), RoomSettings(activity_reset_days=5)
    proposed = short.following(long, SPAN.since)
    assert would_lose_at(stint(-20), proposed, None, SPAN) == SPAN.since + DAY


@pytest.mark.parametrize(
    ("seconds", "cooldown", "refused"),
    [
        ([0, 60, 120], 60, []),
        ([0, 59, 120], 60, [(59, 1)]),
        ([0, 40, 80, 120], 60, [(40, 20), (120, 20)]),  # a refused one is no last take
        ([0, 1, 2], 0, []),
        ([-30, 10], 60, [(10, 20)]),  # the one before the quarter counts, and is not judged
        ([-40, -20], 60, []),
    ],
)
def test_a_take_is_refused_within_the_cooldown_of_the_last_that_was_not(
    seconds: list[float], cooldown: int, refused: list[tuple[float, int]]
) -> None:
    takes = [Take(ActivityId(new_id()), ANNA, later(seconds=each), None) for each in seconds]
    random.Random(7).shuffle(takes)
    found = refused_takes(takes, timedelta(seconds=cooldown), SPAN.since)
    assert [(take.at, left) for take, left in found] == [
        (later(seconds=at), left) for at, left in refused
    ]


def test_who_gave_it_back_waits_for_that_very_activity() -> None:
    id_ = ActivityId(new_id())
    course = course_of(
        id_,
        ROOM,
        [
            entry("activity.taken", later(hours=1), responsible=ANNA, how="taken"),
            entry("activity.released", later(hours=2), former=ANNA, has_reason=True),
            entry("activity.taken", later(hours=2, seconds=30), responsible=ANNA, how="taken"),
            entry("activity.released", later(hours=3), former=ANNA, has_reason=False),
            entry("activity.taken", later(hours=3, seconds=30), responsible=ANNA, how="taken"),
        ],
    )
    found = refused_takes(course.takes, timedelta(minutes=1), SPAN.since)
    assert [(take.at, left) for take, left in found] == [(later(hours=2, seconds=30), 30)]


def test_another_companys_takes_count_and_are_not_judged() -> None:
    other = Take(ActivityId(new_id()), ANNA, later(seconds=10), None, judged=False)
    own = Take(ActivityId(new_id()), ANNA, later(seconds=20), None)
    found = refused_takes([other, own], timedelta(seconds=60), SPAN.since)
    assert [(take, left) for take, left in found] == [(own, 50)]


def test_stints_end_with_whatever_ended_them() -> None:
    other_room = new_id()
    course = course_of(
        ActivityId(new_id()),
        other_room,
        [
            entry("activity.taken", later(days=1), responsible=ANNA, how="registered"),
            entry("interaction.recorded", later(days=2), kind="note"),
            entry("interaction.recorded", later(days=3), kind="call", happened_at=NOW),
            entry("invoice.issued", later(days=4)),
            entry("activity.taken", later(days=5), responsible=BORIS, how="assigned"),
            entry("activity.won", later(days=6)),
            entry("payment.received", later(days=7)),
            entry("activity.win_reversed", later(days=8)),
            entry("activity.moved", later(days=9), from_room=ROOM, to_room=other_room),
            entry("activity.lost", later(days=10)),
        ],
    )
    boris_here = replace_seller(stint(5, ended=6)), replace_seller(stint(8, ended=9))
    in_other = Stint(BORIS, other_room, (later(days=9),), later(days=10))
    assert course.stints == [stint(1, 4, ended=5), *boris_here, in_other]
    assert course.takes == []


def test_a_win_from_the_pool_that_is_taken_back_is_nobodys() -> None:
    lines = [entry("activity.won", NOW), entry("activity.win_reversed", later(days=1))]
    assert course_of(ActivityId(new_id()), ROOM, lines).stints == []


def replace_seller(worked: Stint) -> Stint:
    return Stint(BORIS, worked.room_id, worked.moments, worked.ended_at, worked.reset_at)


class Room:
    """Activities that go their way under settings, by the rules themselves."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.settings = RoomSettings(
            activity_reset_days=self.chance.choice([0, 3, 7]),
            retake_cooldown_seconds=self.chance.choice([0, 3600, 200_000]),
        )
        self.activities = {each: a_free(id=ActivityId(UUID(int=each))) for each in range(1, 9)}
        self.lines: dict[int, list[Entry]] = {each: [] for each in self.activities}
        self.resets: dict[int, list[datetime]] = {each: [] for each in self.activities}
        self.last_take: dict[Any, datetime] = {}

    def live(self, days: int) -> None:
        for hour in range(days * 24):
            now = later(hours=hour, seconds=self.chance.randint(0, 1800))
            for number in self.activities:
                self._follow(number, now, releasing.reset(self.activities[number], now))
            number = self.chance.choice(list(self.activities))
            self._follow(number, now, list(self._act(self.activities[number], now)))

    def _act(self, activity: Activity, now: datetime) -> Iterator[DomainEvent]:
        seller = self.chance.choice([ANNA, BORIS])
        if activity.status == "free":
            try:
                last = self.last_take.get(seller)
                yield taking.take(activity, seller, last, self.settings, None, now)
                self.last_take[seller] = now
            except TooSoon:
                return
        elif self.chance.random() < 0.2:
            yield releasing.release(activity, "нет времени", now)
        else:
            kinds: list[InteractionKind] = ["call", "note"]
            kind = self.chance.choice(kinds)
            yield from progress.record_interaction(activity, kind, None, None, self.settings, now)

    def _follow(self, number: int, now: datetime, events: list[DomainEvent]) -> None:
        for event in events:
            self.activities[number] = event.after
            details = orjson.loads(orjson.dumps(event.details, default=str))
            self.lines[number].append(Entry(event.type, now, details))
            if event.type == "activity.reset":
                self.resets[number].append(event.details["due_at"])


@pytest.mark.parametrize("seed", range(20))
def test_the_numbers_in_force_lose_what_was_lost_and_refuse_nothing(seed: int) -> None:
    room = Room(seed)
    room.live(80)
    takes: list[Take] = []
    for number, lines in room.lines.items():
        course = course_of(ActivityId(UUID(int=number)), ROOM, lines)
        lost = [would_lose_at(each, room.settings, None, SPAN) for each in course.stints]
        in_time = [each for each in lost if each and each < later(days=79)]
        assert in_time == [each for each in room.resets[number] if each < later(days=79)]
        takes += course.takes
    assert takes
    for seller in (ANNA, BORIS):
        own = [take for take in takes if take.seller == seller]
        assert refused_takes(own, room.settings.cooldown, SPAN.since) == []
        stricter = room.settings.cooldown + timedelta(days=20)
        assert refused_takes(own, stricter, SPAN.since)


@pytest.mark.parametrize(
    ("quarter", "first", "following"),
    [
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 10, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_quarter_has_three_months(quarter: str, first: date, following: date) -> None:
    assert quarter_days(quarter) == (first, following)
    assert quarter_of(first) == quarter_of(following - DAY) == quarter
