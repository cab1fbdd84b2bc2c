"""The columns that a command's statement names: those that any change may touch, and the groups in
which something changed. What stays is neither sent nor parsed again.
"""

from operator import attrgetter, is_not

from services.activities.domain.activity import Activity

Columns = tuple[str, ...]
_ANY_CHANGE: Columns = (
    "version",
    "status",
    "stage",
    "sale",
    "won_at",
    "won_on",
    "vip",
    "progress_at",
    "reset_due_at",
    "reset_paused_until",
    "reset_warning_at",
    "reset_warned_at",
    "untouched_at",
    "untouched_told_at",
    "alert_at",
    "next_step",
    "next_step_due_at",
    "invoice_due_on",
    "invoice_overdue_at",
)
_RESPONSIBILITY: Columns = (
    "responsible_id",
    "responsible_since",
    "last_responsible_id",
    "first_taken_at",
    "how",
    "shares",
    "split_proposal",
    "released_at_by_seller",
)
_ORDER: Columns = ("products", "trade")
_REST: Columns = (
    "client_id",
    "note",
    "lost_reason",
    "lost_reason_id",
    "lost_at",
    "first_source_id",
)
_GROUPS = (_RESPONSIBILITY, _ORDER, _REST)
_values_of_groups = tuple(attrgetter(*group) for group in _GROUPS)
ALWAYS_THERE: Columns = (
    "id",
    "company_id",
    "room_id",
    "source_id",
    "source_kind",
    "currency",
    "created_at",
    "created_by",
)
"""The columns that nothing changes, but for the room of one that moves and a corrected source."""
CHANGING: Columns = (*_ANY_CHANGE, *_RESPONSIBILITY, *_ORDER, *_REST)
ALL: Columns = (*ALWAYS_THERE, *CHANGING)
_LATER: Columns = (
    "last_responsible_id",
    "reset_paused_until",
    "reset_warned_at",
    "untouched_told_at",
    "won_at",
    "won_on",
    "vip",
    "invoice_due_on",
    "invoice_overdue_at",
    "lost_reason",
    "lost_reason_id",
    "lost_at",
    "first_source_id",
)
_later_values = attrgetter(*_LATER)
_NEW: Columns = tuple(name for name in ALL if name not in _LATER)


def changed_columns(stored: Activity, after: Activity) -> Columns:
    """The columns to write of a change; its rules leave a field that stays the very same value."""
    groups = [
        group
        for group, values_of in zip(_GROUPS, _values_of_groups, strict=True)
        if any(map(is_not, values_of(stored), values_of(after)))
    ]
    return _ANY_CHANGE + sum(groups, ())


def first_columns(activity: Activity) -> Columns:
    """The columns to write of a new activity: those that come with later steps are null, unless it
    has one behind it.
    """
    return ALL if any(value is not None for value in _later_values(activity)) else _NEW
