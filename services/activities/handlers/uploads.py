"""Uploaded files that nobody needs any more, removed a batch a transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.activities.handlers.due_batch import DueBatch
from services.activities.storage import uploads
from shared.db import Tx

BATCH = 20


async def remove_expired(tx: Tx, now: datetime, left_out: Sequence[UUID] = ()) -> DueBatch:
    """Removes what has expired by `now`."""
    removed = await uploads.remove_expired(tx, now, BATCH)
    return DueBatch(removed, removed)
