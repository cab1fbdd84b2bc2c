"""Companies' requisites: changed by an admin or an accountant."""

from typing import Any
from uuid import UUID

from services.activities.domain.requisites import require_consistent
from services.activities.events import publish_company_vat
from services.activities.handlers.commands import Changes
from services.activities.queries.requisites import view_of
from services.activities.storage import directory
from services.activities.storage import requisites as storage
from services.activities.storage.directory import COMPANY
from services.activities.storage.requisites import vat_periods
from shared.db import Tx
from shared.tenancy import Caller
from shared.versions import differing, stale


async def change_requisites(
    tx: Tx, company_id: UUID, changes: Changes, caller: Caller
) -> dict[str, Any]:
    """Changes what a company's papers say of it, and records who did so. Accounts that are left out
    are taken off the list, and still known from bank statements.

    Raises `NotFound`, `Stale`, and what `require_consistent` raises.
    """
    company = await directory.lock(tx, COMPANY, company_id)
    version, present = await storage.find(tx, company_id)
    if not tx.expects(version):
        raise stale(version, differing(present, changes))
    chosen = {**present, **changes}
    chosen["vat"] = sorted(chosen["vat"], key=lambda period: str(period["effective_from"]))
    if chosen != present:
        numbers = [account["number"] for account in chosen["accounts"]]
        taken = await storage.numbers_of_others(tx, company_id, numbers)
        require_consistent(chosen, vat_periods(chosen["vat"]), company["inn"], taken)
        before = present if version else None
        version = await storage.save(tx, company_id, before, chosen, caller.employee_id)
        publish_company_vat(tx, company["id"], version, chosen)
    return view_of(company, version, chosen)
