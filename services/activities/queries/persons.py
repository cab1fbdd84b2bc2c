"""Contact persons of a client as the API shows them: those whom the caller's rooms have entered."""

from typing import Any
from uuid import UUID

from services.activities.domain.contact_persons import is_of
from services.activities.queries.clients import find_present
from services.activities.queries.directory import FIRST_ID, page_of
from services.activities.queries.directory import view_of_row as directory_view
from services.activities.storage import directory, persons
from services.activities.storage.directory import CONTACT_PERSON
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import read_cursor
from shared.tenancy import Caller

View = dict[str, Any]


def view_of_row(row: Row) -> View:
    """A person as the API shows them: not which rooms know them."""
    return {name: value for name, value in directory_view(row).items() if name != "room_ids"}


async def list_persons(
    tx: Tx, client_id: UUID, archived: bool, caller: Caller, limit: int, cursor: str | None
) -> View:
    """A page of the client's persons, in the order of entry. Raises `NotFound` for a client that
    the caller does not see.
    """
    client = await find_present(tx, client_id, caller)
    last = read_cursor(cursor, UUID)
    after = last[0] if last else FIRST_ID
    rows = await persons.page_of_client(
        tx, client["id"], caller.rooms(), after, limit + 1, archived
    )
    return page_of(rows, limit, view_of_row)


async def get_person(tx: Tx, client_id: UUID, person_id: UUID, caller: Caller) -> View:
    """One person of a client that the caller sees. Raises `NotFound`."""
    client = await find_present(tx, client_id, caller)
    return view_of_row(await find_person(tx, client["id"], person_id, caller))


async def find_person(tx: Tx, client_id: UUID, person_id: UUID, caller: Caller) -> Row:
    """A person of the client. Raises `NotFound`, also for one that only other rooms know."""
    row = await directory.get(tx, CONTACT_PERSON, person_id)
    if row["client_id"] != client_id or not is_of(row["room_ids"], caller.rooms()):
        raise NotFound(CONTACT_PERSON.name)
    return row
