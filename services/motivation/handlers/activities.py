"""Events of activities: stored, and followed by pay."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from services.motivation.handlers.accrual import post_differences, post_isolated
from services.motivation.handlers.sales import lock_sales
from services.motivation.metrics import AccrualReport
from services.motivation.storage import activity_events
from shared.db import Tx
from shared.events import PublishedEvent
from shared.events.activities import ActivityEvent


async def apply_activity_events(
    tx: Tx, events: Sequence[PublishedEvent], *, isolated: bool = False
) -> AccrualReport:
    """Stores a batch of events and posts what follows, event by event, so that the ledger does not
    depend on the batching. Where it is `isolated`, activities whose pay cannot follow are stored
    with the reason, and the others have their pay.

    An event not newer than the stored state has been applied already, or was overtaken by a later
    one. A version that is skipped is counted: its event was lost, and pay follows the next.
    """
    await activity_events.add(tx, (published.envelope for published in events))
    sales = await lock_sales(tx, events)
    for published in _by_version(events):
        assert isinstance(published.event, ActivityEvent)
        sales.follow(published.event.activity_id, published.event.state, published.envelope)
    await sales.save(tx)
    pays = sales.pays()
    report = (
        (await post_isolated(tx, pays)).report if isolated else await post_differences(tx, pays)
    )
    report.version_holes = sum(followed.has_hole for followed in sales.activities.values())
    return report


def _by_version(events: Sequence[PublishedEvent]) -> Iterator[PublishedEvent]:
    """The events in the order in which they came, but for those of one activity: by version."""
    of_activity: dict[UUID, list[PublishedEvent]] = {}
    for published in events:
        of_activity.setdefault(published.envelope.subject, []).append(published)
    in_order = {
        subject: iter(sorted(own, key=lambda published: published.envelope.version))
        for subject, own in of_activity.items()
    }
    for published in events:
        yield next(in_order[published.envelope.subject])


def paid_employees(events: Sequence[PublishedEvent]) -> set[UUID]:
    """The employees whom the wins among `events` may pay."""
    paid: set[UUID] = set()
    for published in events:
        assert isinstance(published.event, ActivityEvent)
        state = published.event.state
        if state.status == "won":
            paid.update(share.employee_id for share in state.shares)
            if state.responsible_id:
                paid.add(state.responsible_id)
    return paid
