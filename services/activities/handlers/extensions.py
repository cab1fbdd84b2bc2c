"""Where our people are rung: set by who decides in their rooms."""

from collections.abc import Sequence
from typing import Any

from services.activities.queries.absences import require_overseer, require_sight
from services.activities.storage import directory, extensions
from services.activities.storage.directory import EMPLOYEE
from services.activities.storage.extensions import Extensions
from services.activities.telephony.numbers import canonical_extension
from shared.db import Tx
from shared.ids import EmployeeId
from shared.tenancy import Caller
from shared.versions import stale

View = dict[str, Any]


async def get_extensions(tx: Tx, employee_id: EmployeeId, caller: Caller) -> View:
    """The extensions of a colleague. Raises `NotFound`."""
    require_sight(await directory.get(tx, EMPLOYEE, employee_id), caller)
    return _view(employee_id, await extensions.find(tx, employee_id))


async def set_extensions(
    tx: Tx, employee_id: EmployeeId, numbers: Sequence[str], caller: Caller
) -> View:
    """Sets where somebody is rung; without a difference nothing happens.

    Raises `NotFound`, `Forbidden`, `Stale`.
    """
    employee = await directory.lock(tx, EMPLOYEE, employee_id)
    require_sight(employee, caller)
    require_overseer(employee, caller)
    before = await extensions.find(tx, employee_id)
    after = list(dict.fromkeys(map(canonical_extension, numbers)))
    if not tx.expects(before.version):
        raise stale(before.version, {"extensions": list(before.extensions)})
    if after == list(before.extensions):
        return _view(employee_id, before)
    return _view(employee_id, await extensions.save(tx, employee_id, after))


def _view(employee_id: EmployeeId, stored: Extensions) -> View:
    return {
        "employee_id": employee_id,
        "version": stored.version,
        "extensions": list(stored.extensions),
    }
