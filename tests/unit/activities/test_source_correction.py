"""Correcting where a request came from."""

import pytest

from services.activities.domain.releasing import release
from services.activities.domain.source_correction import correct_source
from services.activities.domain.taking import assign
from shared.errors import Invalid
from shared.ids import SourceId, new_id
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    SETTINGS,
    a_free,
    after,
    in_work,
    later,
    won,
)

PAPER = SourceId(new_id())


def test_the_first_source_is_remembered_through_every_correction() -> None:
    activity = in_work()
    (event,) = correct_source(activity, PAPER, "cold", "Звонили по газете")
    corrected = event.after
    assert event.type == "activity.source_corrected"
    assert event.details == {"from_source": activity.source_id, "to_source": PAPER}
    assert event.note == "Звонили по газете"
    assert (corrected.source_id, corrected.source_kind) == (PAPER, "cold")
    assert corrected.first_source_id == activity.source_id
    assert corrected.version == activity.version + 1
    assert corrected.progress_at == activity.progress_at
    again = after(correct_source(corrected, SourceId(new_id()), "inbound", "Нет, с сайта"))
    assert again.first_source_id == activity.source_id


def test_the_same_source_is_no_correction() -> None:
    activity = won()
    assert correct_source(activity, activity.source_id, "cold", "Так и было") == []


def test_a_won_activity_is_corrected_too() -> None:
    assert after(correct_source(won(), PAPER, "cold", "Ошибка")).status == "won"


def test_a_renewal_keeps_its_source() -> None:
    renewal = a_free(source_kind="renewal")
    with pytest.raises(Invalid) as refused:
        correct_source(renewal, PAPER, "cold", "Ошибка")
    assert refused.value.extra["errors"] == [{"field": "source_id", "rule": "source_of_renewal"}]


def test_nothing_else_comes_from_a_source_of_renewals() -> None:
    with pytest.raises(Invalid) as refused:
        correct_source(a_free(), PAPER, "renewal", "Ошибка")
    assert refused.value.extra["errors"] == [{"field": "source_id", "rule": "source_of_renewals"}]


def test_the_first_moment_with_a_responsible_stays() -> None:
    free = a_free()
    taken = after(assign(free, ANNA, SETTINGS, NOW))
    again = after(assign(taken, BORIS, SETTINGS, later(hours=1)))
    released = release(again, "Отпуск", later(hours=2)).after
    assert free.first_taken_at is None
    assert [each.first_taken_at for each in (taken, again, released)] == [NOW, NOW, NOW]
