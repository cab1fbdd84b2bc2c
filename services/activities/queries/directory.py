"""The directory as the API shows it."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, or_, select

from services.activities.storage import directory as storage
from services.activities.storage.directory import EMPLOYEE, DirectoryKind
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller

_HIDDEN = frozenset({"tenant_id", "created_at", "changed_at", "now", "costs"})
FIRST_ID = UUID(int=0)


@cache
def _page_statement(kind: DirectoryKind, archived: bool) -> Statement:
    """In the order of creation. `rooms` narrows employees to colleagues, `ids` other kinds; what is
    `archived` is left out unless asked for.
    """
    of_kind, ids = kind.table.c, bindparam("ids", type_=ARRAY(Uuid))
    narrowed = of_kind.room_ids.op("&&")(ids) if kind is EMPLOYEE else of_kind.id == any_(ids)
    return compiled(
        select(kind.table)
        .where(
            of_kind.tenant_id == bindparam("tenant_id", type_=Uuid),
            of_kind.id > bindparam("after", type_=Uuid),
            or_(ids.is_(None), narrowed),
            *(() if archived else _live(of_kind)),
        )
        .order_by(of_kind.id)
        .limit(bindparam("limit", type_=BigInteger))
    )


def _live(of_kind: Any) -> Iterator[Any]:
    """The condition that a thing takes new activities; a product says so by `active`."""
    if "archived" in of_kind:
        yield of_kind.archived.is_(False)
    elif "price" in of_kind:
        yield of_kind.active


async def list_directory(
    tx: Tx,
    kind: DirectoryKind,
    limit: int,
    cursor: str | None,
    ids: list[UUID] | None = None,
    archived: bool = False,
) -> dict[str, Any]:
    """A page of one kind, in the order of creation: of `ids` alone where they are given, and of
    employees those who work in one of these rooms. What is `archived` is left out unless asked for.
    """
    last = read_cursor(cursor, UUID)
    after = last[0] if last else FIRST_ID
    rows = await tx.rows(_page_statement(kind, archived), after=after, ids=ids, limit=limit + 1)
    return page_of(rows, limit)


async def get_from_directory(tx: Tx, kind: DirectoryKind, id_: UUID) -> dict[str, Any]:
    """One thing of a kind. Raises `NotFound`."""
    return view_of_row(await storage.get(tx, kind, id_))


async def get_employee(tx: Tx, employee_id: UUID, caller: Caller) -> dict[str, Any]:
    """The caller or a colleague of one of their rooms. Raises `NotFound`, also for others."""
    row = await storage.get(tx, EMPLOYEE, employee_id)
    is_colleague = not caller.room_ids.isdisjoint(row["room_ids"])
    if not (caller.knows_every_room or employee_id == caller.employee_id or is_colleague):
        raise NotFound("employee")
    return view_of_row(row)


def view_of_row(row: Row) -> dict[str, Any]:
    """A row as the API shows it: money as money, nothing of the storage."""
    view = {name: value for name, value in row.items() if name not in _HIDDEN}
    if "price" in view:
        view["price"] = {"amount": f"{view['price']:.2f}", "currency": view.pop("currency")}
    return view


def page_of(
    rows: list[Row], limit: int, view: Callable[[Row], dict[str, Any]] = view_of_row
) -> dict[str, Any]:
    """A page of rows in the order of their ids; one more than `limit` was read."""
    cursor = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return page([view(row) for row in rows], limit, cursor)
