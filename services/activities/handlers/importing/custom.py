"""What rows say of clients in the company's own fields."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.custom_fields import Value, plain
from services.activities.handlers.custom_values import publish
from services.activities.handlers.importing.batches import Place
from services.activities.storage import custom_values
from shared.db import Tx
from shared.ids import CompanyId, CustomFieldId

Values = Mapping[CustomFieldId, Value]


async def write_custom_values(
    tx: Tx, wanted: Sequence[tuple[UUID, Values]], rows: Mapping[UUID, Any], place: Place
) -> set[UUID]:
    """Writes values of locked clients, whose `rows` these are; the clients that had others."""
    changed_ids = set()
    for client_id, values in wanted:
        if values and await _write(tx, rows[client_id], values, CompanyId(place.company_id)):
            changed_ids.add(client_id)
    return changed_ids


async def _write(tx: Tx, client: Any, values: Values, company_id: CompanyId) -> bool:
    present = await custom_values.values_of(tx, client["id"])
    before = {id_: present[id_].value if id_ in present else None for id_ in values}
    changed = {id_: value for id_, value in values.items() if before[id_] != plain(value)}
    if not changed:
        return False
    version = await custom_values.write(tx, client["id"], company_id, changed)
    history = {
        str(id_): {"before": before[id_], "after": plain(value)} for id_, value in changed.items()
    }
    await custom_values.record(tx, client["id"], company_id, version, history)
    await publish(tx, client, company_id, version, changed)
    return True
