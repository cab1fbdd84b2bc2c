"""An activity as the API shows it, in lists and as the response to a command."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.activities.domain.activity import Activity
from services.activities.events import state_of, text_of
from services.activities.storage.mapping import activity_of, client_summary
from shared.activity_view import compose_activity
from shared.db import Tx
from shared.db.transaction import Row
from shared.events.activities import ActivityState

View = dict[str, Any]


def view_of(
    activity: Activity,
    client: Mapping[str, Any],
    now: datetime,
    state: ActivityState | None = None,
) -> View:
    """The `ActivityView` of an activity; `state` is its own, where it was published just now."""
    shown = (state or state_of(activity)).model_dump(mode="json")
    return compose_activity(
        activity.id, activity.version, shown, dict(client), text_of(activity), now
    )


def view_of_row(tx: Tx, row: Row) -> View:
    """The `ActivityView` of a row of `listing.ROWS`."""
    tx.at(row["now"])
    return view_of(activity_of(row), client_summary(row), tx.now)
