"""How long sessions last."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.accounts.sessions import Lifetimes

OPENED_AT = datetime(2026, 11, 1, tzinfo=UTC)
LIFETIMES = Lifetimes(timedelta(days=30), timedelta(days=90), timedelta(seconds=30))


@pytest.mark.parametrize(("used_after", "ends_after"), [(0, 30), (10, 40), (60, 90), (80, 90)])
def test_a_session_ends_unused_or_at_last(used_after: int, ends_after: int) -> None:
    now = OPENED_AT + timedelta(days=used_after)
    assert LIFETIMES.end(OPENED_AT, now) == OPENED_AT + timedelta(days=ends_after)
