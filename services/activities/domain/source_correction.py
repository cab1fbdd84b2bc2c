"""Correcting where a request came from."""

from services.activities.domain.activity import Activity, DomainEvent, advance
from shared.errors import Invalid
from shared.ids import SourceId
from shared.vocabulary import SourceKind


def correct_source(
    activity: Activity, source_id: SourceId, kind: SourceKind, reason: str
) -> list[DomainEvent]:
    """Gives the activity the source that it really came from, whatever its status; the one that it
    was registered with is remembered. No event where it has that source already.

    Raises `Invalid` for a renewal, and for a source of renewals: what they are follows from the
    contract that they continue.
    """
    if source_id == activity.source_id:
        return []
    if activity.source_kind == "renewal":
        raise Invalid("source_id", "source_of_renewal")
    if kind == "renewal":
        raise Invalid("source_id", "source_of_renewals")
    event = advance(
        activity,
        "activity.source_corrected",
        {"from_source": activity.source_id, "to_source": source_id},
        note=reason,
        source_id=source_id,
        source_kind=kind,
        first_source_id=activity.first_source_id or activity.source_id,
    )
    return [event]
