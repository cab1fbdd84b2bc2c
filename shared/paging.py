"""Cursors of lists: opaque to callers, a few values inside."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import Query

from shared.errors import Invalid

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500)]


def cursor_of(*values: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: Any) -> list[Any] | None:
    """The values in `cursor`, each made by one of `kinds`; None at the beginning.

    Raises `Invalid` for one that we did not make.
    """
    if cursor is None:
        return None
    try:
        values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [kind(value) for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise Invalid("cursor", "cursor") from None


def moment(value: Any) -> datetime:
    """A moment in a cursor; `ValueError` for one that the database cannot hold."""
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("a moment has a zone")
    return parsed.astimezone(UTC)


def number(value: Any) -> int:
    """A version in a cursor; `ValueError` for one that the database cannot hold."""
    parsed = int(value)
    if not 0 <= parsed < 2**63:
        raise ValueError("a version fits eight bytes")
    return parsed


def page(items: list[Any], limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of `items`, one more than `limit` having been read to know whether there are more."""
    return {"items": items[:limit], "next_cursor": cursor if len(items) > limit else None}
