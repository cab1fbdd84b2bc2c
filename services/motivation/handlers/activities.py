"""Events of activities: stored, and followed by pay."""

from collections.abc import Sequence
from uuid import UUID

from services.motivation.handlers.accrual import (
    ActivityPay,
    ActivityVersion,
    post_differences,
    post_isolated,
)
from services.motivation.metrics import AccrualReport
from services.motivation.storage import activities, activity_events
from services.motivation.storage.activities import StoredActivity
from shared.db import Tx
from shared.events import PublishedEvent
from shared.events.activities import ActivityEvent
from shared.ids import ActivityId


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
    by_activity = _versions(events)
    firsts = {
        activity_id: next(iter(versions.values())).state
        for activity_id, versions in by_activity.items()
    }
    newest, pays, holes = [], [], 0
    for locked in await activities.lock(tx, firsts):
        versions = by_activity[locked.id]
        newer = [versions[version] for version in sorted(versions) if version > locked.version]
        if newer:
            last = newer[-1]
            holes += last.version - locked.version != len(newer)
            newest.append(StoredActivity(locked.id, last.version, locked.plan_id, last.state))
            pays.append(ActivityPay(locked, newer))
    if newest:
        await activities.save_states(tx, newest)
    report = (
        (await post_isolated(tx, pays)).report if isolated else await post_differences(tx, pays)
    )
    report.version_holes = holes
    return report


def _versions(events: Sequence[PublishedEvent]) -> dict[ActivityId, dict[int, ActivityVersion]]:
    by_activity: dict[ActivityId, dict[int, ActivityVersion]] = {}
    for published in events:
        event, envelope = published.event, published.envelope
        assert isinstance(event, ActivityEvent)
        by_activity.setdefault(event.activity_id, {})[envelope.version] = ActivityVersion(
            envelope.version, event.state, envelope
        )
    return by_activity


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
