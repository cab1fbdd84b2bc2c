"""The month in which an entry lands, and the months that may be named."""

from datetime import UTC, date, datetime

import pytest

from services.motivation.domain.periods import open_period, require_begun, require_open_from
from shared.errors import Invalid

MOSCOW = "Europe/Moscow"


@pytest.mark.parametrize(
    ("closed", "period"),
    [
        (set(), "2026-11"),
        ({"2026-10", "2026-12"}, "2026-11"),
        ({"2026-11"}, "2026-12"),
        ({"2026-11", "2026-12"}, "2027-01"),
    ],
)
def test_an_entry_lands_in_the_next_open_month(closed: set[str], period: str) -> None:
    assert open_period("2026-11", closed) == period


@pytest.mark.parametrize(
    ("closed", "allowed"), [(None, True), ("2026-10", True), ("2026-11", False), ("2027-01", False)]
)
def test_a_plan_takes_effect_in_open_months_alone(closed: str | None, allowed: bool) -> None:
    if allowed:
        require_open_from(date(2026, 11, 1), closed)
    else:
        with pytest.raises(Invalid) as refused:
            require_open_from(date(2026, 11, 30), closed)
        error = {"field": "effective_from", "rule": "open_month", "closed": closed}
        assert refused.value.extra == {"errors": [error]}


@pytest.mark.parametrize(
    ("period", "begun"),
    [("2026-10", True), ("2026-11", True), ("2026-12", False), ("2027-01", False)],
)
def test_a_month_that_has_not_begun_is_refused(period: str, begun: bool) -> None:
    now = datetime(2026, 11, 15, tzinfo=UTC)
    if begun:
        require_begun(period, now, MOSCOW)
    else:
        with pytest.raises(Invalid) as refused:
            require_begun(period, now, MOSCOW)
        error = {"field": "period", "rule": "begun", "max": "2026-11"}
        assert refused.value.extra == {"errors": [error]}
