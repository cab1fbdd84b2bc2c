"""From rows of `vip` to `Vip` and back."""

from collections.abc import Mapping
from typing import Any

from services.vip.domain.vip import Vip

CHANGING = (
    "id",
    "version",
    "room_id",
    "responsible_id",
    "kind",
    "since",
    "progress_at",
    "reset_due_at",
    "warning_at",
)
"""The key, and the columns that a domain event changes."""


def vip_of(row: Mapping[str, Any]) -> Vip:
    """The VIP in a row."""
    return Vip(
        id=row["id"],
        version=row["version"],
        company_id=row["company_id"],
        room_id=row["room_id"],
        client_id=row["client_id"],
        currency=row["currency"],
        responsible=row["responsible_id"],
        kind=row["kind"],
        since=row["since"],
        progress_at=row["progress_at"],
        reset_due_at=row["reset_due_at"],
        warning_at=row["warning_at"],
        head_id=row["head_id"],
        covers=row["covers"],
    )


def row_of(vip: Vip) -> dict[str, Any]:
    """The `CHANGING` columns of a VIP."""
    return {
        name: getattr(vip, "responsible" if name == "responsible_id" else name) for name in CHANGING
    }
