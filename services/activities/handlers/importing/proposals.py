"""What the columns of a table seem to mean: as somebody said of such a table before, else by their
titles.
"""

from services.activities.domain.imports import CUSTOM, header_key, propose
from services.activities.storage import custom_fields, imports
from shared.db import Tx
from shared.db.transaction import Row


async def custom_names(tx: Tx, import_: Row) -> dict[str, str]:
    """The company's own fields in use that a column may fill, by `custom:<id>`."""
    if import_["kind"] == "interactions":
        return {}
    fields = await custom_fields.of_company(tx, import_["company_id"])
    return {f"{CUSTOM}{field.id}": field.name for field in fields if not field.archived}


async def proposed_mapping(tx: Tx, import_: Row) -> dict[str, str]:
    """The field that each column seems to fill, by its place as text."""
    kind, titles = import_["kind"], import_["columns"]
    remembered = await imports.remembered(tx, kind, header_key(kind, titles))
    fields = propose(kind, titles, await custom_names(tx, import_), remembered)
    return {str(place): name for place, name in fields.items()}
