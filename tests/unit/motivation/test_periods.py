"""The month in which an entry lands, and the months that may be named."""

from datetime import UTC, datetime

import pytest

from services.motivation.domain.periods import period_for, require_begun
from shared.errors import Invalid

MOSCOW = "Europe/Moscow"


@pytest.mark.parametrize(
    ("now", "closed", "period"),
    [
        (datetime(2026, 11, 15, tzinfo=UTC), set(), "2026-11"),
        (datetime(2026, 10, 31, 21, tzinfo=UTC), set(), "2026-11"),
        (datetime(2026, 10, 31, 20, 59, tzinfo=UTC), set(), "2026-10"),
        (datetime(2026, 11, 15, tzinfo=UTC), {"2026-10"}, "2026-11"),
        (datetime(2026, 11, 15, tzinfo=UTC), {"2026-11"}, "2026-12"),
        (datetime(2026, 11, 15, tzinfo=UTC), {"2026-11", "2026-12"}, "2027-01"),
    ],
)
def test_an_entry_lands_in_the_next_open_month(
    now: datetime, closed: set[str], period: str
) -> None:
    assert period_for(now, MOSCOW, closed) == period


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
