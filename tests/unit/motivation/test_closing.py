"""What stands in the way of closing a month, and when it may be closed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import get_args

import pytest

from services.motivation.domain.closing import (
    SEVERITIES,
    EarlierPeriodOpen,
    Finding,
    PeriodNotFinished,
    PeriodNotReady,
    Win,
    count_behind,
    require_finished,
    require_in_order,
    require_ready,
    worth_knowing,
)
from shared.errors import Forbidden
from shared.ids import ActivityId, new_id
from shared.vocabulary import ClosingFinding

MOSCOW = "Europe/Moscow"
A, B = ActivityId(new_id()), ActivityId(new_id())
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 13, tzinfo=UTC)


def test_every_finding_blocks_or_warns() -> None:
    assert set(SEVERITIES) == set(get_args(ClosingFinding))
    blocking = {code for code, severity in SEVERITIES.items() if severity == "blocks"}
    assert blocking == {
        "activities_unavailable",
        "consumer_parked",
        "events_behind",
        "pay_refused",
        "pay_pending",
        "month_end_pending",
        "adjustments_proposed",
    }
    assert set(SEVERITIES.values()) == {"blocks", "warns"}


@pytest.mark.parametrize(
    ("there", "here", "behind"),
    [
        ({}, {}, 0),
        ({A: 3}, {A: Win(3, NOON)}, 0),
        ({A: 3}, {A: Win(4, NOON)}, 0),
        ({A: 3}, {A: Win(2, NOON)}, 1),
        ({A: 3}, {}, 1),
        ({A: 3, B: 5}, {A: Win(1, NOON)}, 2),
        ({}, {A: Win(3, NOON)}, 1),
        ({}, {A: Win(3, LATER)}, 0),
        ({A: 3}, {A: Win(3, NOON), B: Win(7, NOON)}, 1),
        ({A: 3}, {A: Win(2, NOON), B: Win(7, NOON)}, 2),
    ],
)
def test_wins_that_differ_are_behind(
    there: Mapping[ActivityId, int], here: Mapping[ActivityId, Win], behind: int
) -> None:
    assert count_behind(there, here, NOON) == behind


def test_findings_are_those_that_there_are_any_of_what_blocks_first() -> None:
    findings = [
        Finding("negative_totals", 2),
        Finding("claimed_money", 0),
        Finding("wins_without_plan", 1),
        Finding("pay_refused", 1),
    ]
    codes = [finding.code for finding in worth_knowing(findings)]
    assert codes == ["pay_refused", "wins_without_plan", "negative_totals"]


def test_a_month_without_findings_is_ready() -> None:
    require_ready([], ())
    require_ready([], {"claimed_money"})


def test_what_blocks_cannot_be_accepted() -> None:
    findings = [Finding("events_behind", 1), Finding("claimed_money", 1)]
    with pytest.raises(PeriodNotReady) as refused:
        require_ready(findings, {"events_behind", "claimed_money"})
    assert refused.value.reason == "blocked"
    assert refused.value.extra == {"blocks": ["events_behind"], "warnings": []}


def test_warnings_are_accepted_one_by_one() -> None:
    findings = [Finding("claimed_money", 1), Finding("negative_totals", 1)]
    require_ready(findings, {"claimed_money", "negative_totals", "open_disputes"})
    with pytest.raises(PeriodNotReady) as refused:
        require_ready(findings, {"claimed_money"})
    assert refused.value.reason == "warned"
    assert refused.value.extra == {"blocks": [], "warnings": ["negative_totals"]}


@pytest.mark.parametrize(
    ("now", "reason", "by_admin", "early"),
    [
        (datetime(2026, 11, 30, 21, tzinfo=UTC), None, False, False),
        (datetime(2026, 11, 30, 21, tzinfo=UTC), "Ревизия", True, False),
        (datetime(2026, 11, 30, 20, 59, tzinfo=UTC), "Ревизия", True, True),
    ],
)
def test_a_month_is_over_by_the_companys_clock(
    now: datetime, reason: str | None, by_admin: bool, early: bool
) -> None:
    closed_early = require_finished("2026-11", now, MOSCOW, reason=reason, by_admin=by_admin)
    assert closed_early is early


@pytest.mark.parametrize("reason", [None, ""])
def test_an_early_close_needs_a_reason(reason: str | None) -> None:
    now = datetime(2026, 11, 30, 20, 59, tzinfo=UTC)
    with pytest.raises(PeriodNotFinished) as refused:
        require_finished("2026-11", now, MOSCOW, reason=reason, by_admin=True)
    ends_at = datetime(2026, 11, 30, 21, tzinfo=UTC)
    assert refused.value.extra == {"period": "2026-11", "ends_at": ends_at}


def test_an_early_close_needs_an_admin() -> None:
    now = datetime(2026, 11, 30, 20, 59, tzinfo=UTC)
    with pytest.raises(Forbidden) as refused:
        require_finished("2026-11", now, MOSCOW, reason="Ревизия", by_admin=False)
    assert refused.value.reason == "early_close"


def test_months_close_in_their_order() -> None:
    require_in_order("2026-11", None)
    with pytest.raises(EarlierPeriodOpen) as refused:
        require_in_order("2026-11", "2026-09")
    assert refused.value.extra == {"period": "2026-11", "earlier": "2026-09"}
