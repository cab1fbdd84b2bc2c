"""Sending what is shown: when to try again, and when to give it up."""

from datetime import datetime, timedelta

from services.gateway.domain.notifying import is_stale

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
LEASE = timedelta(minutes=5)
"""For so long a sender has what it took; if it was killed meanwhile, another one sends it."""


def retry_at(failures: int, shown_at: datetime, now: datetime) -> datetime | None:
    """When to try again after so many failures in a row, each time twice as late; None once it is
    stale: then it is given up.
    """
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    return None if is_stale(shown_at, now + pause) else now + pause
