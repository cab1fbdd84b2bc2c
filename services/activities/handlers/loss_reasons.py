"""A company's list of reasons of loss: entered, renamed, archived."""

from typing import Any
from uuid import UUID

from services.activities.domain.refusals import DuplicateLossReason
from services.activities.handlers.commands import Changes, values_of
from services.activities.handlers.directory import change, create
from services.activities.handlers.directory_commands import CreateLossReason
from services.activities.queries.directory import view_of_row
from services.activities.storage import directory, loss_reasons
from services.activities.storage.directory import COMPANY, LOSS_REASON
from shared.db import Tx
from shared.errors import NotFound

View = dict[str, Any]


async def create_loss_reason(tx: Tx, command: CreateLossReason) -> View:
    """Adds a reason to a company's list.

    Raises `NotFound` for an unknown company, `DuplicateLossReason`.
    """
    await _lock_list(tx, command.company_id, "company_id")
    await _require_new_name(tx, command.company_id, command.name)
    return view_of_row(await create(tx, LOSS_REASON, values_of(command)))


async def change_loss_reason(tx: Tx, reason_id: UUID, changes: Changes) -> View:
    """Changes a reason; what was lost by it keeps what it was then.

    Raises `NotFound`, `DuplicateLossReason`.
    """
    reason = await directory.get(tx, LOSS_REASON, reason_id)
    if "name" in changes:
        await _lock_list(tx, reason["company_id"])
        await _require_new_name(tx, reason["company_id"], str(changes["name"]), reason_id)
    return view_of_row(await change(tx, LOSS_REASON, reason_id, changes))


async def _lock_list(tx: Tx, company_id: UUID, field: str | None = None) -> None:
    """Two at once must not enter one name: the company's row is what they wait for."""
    try:
        await directory.lock(tx, COMPANY, company_id)
    except NotFound:
        raise NotFound("company", field) from None


async def _require_new_name(
    tx: Tx, company_id: UUID, name: str, own_id: UUID | None = None
) -> None:
    for reason in await loss_reasons.of_company(tx, company_id):
        if reason.id != own_id and reason.name.casefold() == name.casefold():
            raise DuplicateLossReason(loss_reason_id=str(reason.id))
