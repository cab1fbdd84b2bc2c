"""The months on which a plan may be tried."""

from shared.clock import following_period
from shared.errors import Invalid

MOST_MONTHS = 12
USUAL_MONTHS = 3


def preceding(month: str, count: int = 1) -> str:
    """The month `count` months before."""
    months = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{months // 12}-{months % 12 + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """The months from `first` to `last`, both included."""
    months = [first]
    while months[-1] < last:
        months.append(following_period(months[-1]))
    return months


def require_past(first: str | None, last: str | None, present: str) -> tuple[str, str]:
    """The first and the last month; by default the last three that have ended, `present` being the
    one that runs.

    Raises `Invalid` where one has not ended, the first is after the last, or they are more than
    twelve.
    """
    last = last or preceding(present)
    if max(first or "", last) >= present:
        raise Invalid("to" if last >= present else "from", "ended", max=present)
    first = first or preceding(last, USUAL_MONTHS - 1)
    if first > last:
        raise Invalid("from", "not_after", max=last)
    earliest = preceding(last, MOST_MONTHS - 1)
    if first < earliest:
        raise Invalid("from", "not_before", min=earliest)
    return first, last
