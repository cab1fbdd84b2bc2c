"""Rows whose client is found by given words: the search that lists of activities and of clients
share.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.clients import client
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.folding import BEHIND_NAME, asks_for_contact, patterns_of

Query = tuple[Statement, dict[str, Any]]
WINDOWS = (100, 500, 5_000, 50_000, 2**62)
"""Among how many of the newest rows a name is looked for, the next where a page is not full yet."""
MOST_NAMED = 1000

_tenant_id = bindparam("tenant_id", type_=Uuid)
_seen_rooms = bindparam("seen_rooms", type_=ARRAY(Uuid))
_found = func.client_found(
    _tenant_id, bindparam("patterns", type_=ARRAY(Text)), bindparam("most", type_=BigInteger)
).table_valued(column("id", Uuid), name="found")


def _has_words(searched: ColumnElement[Any]) -> ColumnElement[bool]:
    return searched.bool_op("LIKE")(func.any(bindparam("patterns", type_=ARRAY(Text))))


def is_found(clients: FromClause) -> ColumnElement[bool]:
    """Whether a client is found by the parameter `patterns`, as SQL, in what the rooms of the
    parameter `seen_rooms` see of it; null: in all.

    Who asks for a contact that another room has entered must not learn whose it is.
    """
    c = clients.c
    names = func.substr(c.search_text, func.strpos(c.search_text, literal("\t")))
    name = func.split_part(names, literal(BEHIND_NAME), 1)
    contacts = func.array_append(func.array_cat(c.phones, c.emails), c.inn)
    contact = func.unnest(contacts).table_valued("contact", name="seen").render_derived()
    number = func.ltrim(contact.c.contact, literal("+"))
    lines = func.concat(
        func.split_part(number, literal(";"), 1), literal("\n"), number, literal("\n")
    )
    rooms = c.contact_rooms.op("->", return_type=JSONB)(contact.c.contact)
    is_seen = or_(rooms.is_(None), rooms.bool_op("?|")(cast(_seen_rooms, ARRAY(Text))))
    in_seen_contact = (
        select(contact.c.contact)
        .select_from(contact)
        .where(is_seen, _has_words(lines))
        .correlate(clients)
        .exists()
    )
    everything = or_(
        _seen_rooms.is_(None),
        and_(
            c.contact_rooms == literal_column("'{}'::jsonb"),
            c.person_index == literal_column("'[]'::jsonb"),
        ),
    )
    return and_(
        _has_words(c.search_text),
        or_(everything, _has_words(name), in_seen_contact, _in_seen_person(clients)),
    )


def _in_seen_person(clients: FromClause) -> ColumnElement[bool]:
    person = func.jsonb_array_elements(clients.c.person_index).table_valued(
        column("value", JSONB), name="person"
    )
    rooms = person.c.value.op("->", return_type=JSONB)(literal("rooms"))
    is_seen = or_(
        rooms == literal_column("'[]'::jsonb"),
        rooms.bool_op("?|")(cast(_seen_rooms, ARRAY(Text))),
    )
    text = person.c.value.op("->>", return_type=Text)(literal("text"))
    return (
        select(person.c.value)
        .select_from(person)
        .where(is_seen, _has_words(text))
        .correlate(clients)
        .exists()
    )


_FOUND = compiled(select(_found.c.id))
_FOUND_AND_SEEN = compiled(
    select(_found.c.id, is_found(client).label("is_seen")).select_from(
        _found.join(client, and_(client.c.tenant_id == _tenant_id, client.c.id == _found.c.id))
    )
)


async def rows_by_name(
    tx: Tx,
    words: str,
    count: int,
    seen_rooms: list[UUID] | None,
    among_newest: Callable[[int], Query],
    of_clients: Callable[[list[UUID]], Query],
) -> list[Row]:
    """`count` rows, if there are. `among_newest` reads a window of the newest rows, `of_clients`
    the rows of some clients; `seen_rooms` are those of who asks, None for all.

    A name that many have is found often enough among the newest. Otherwise the index of names is
    read, which holds every entry of a name, at once for one that none of the first window has; for
    one that is too common for the index the windows grow. A contact is rare: it is looked up in the
    index at once.
    """
    rows: list[Row] = []
    if not patterns_of(words):
        return rows
    if (
        asks_for_contact(words)
        and (client_ids := await find_clients(tx, words, seen_rooms)) is not None
    ):
        statement, values = of_clients(client_ids)
        return await tx.rows(statement, **values)
    may_be_rare = True
    for index, window in enumerate(WINDOWS):
        statement, values = among_newest(window)
        rows = await tx.rows(statement, **values)
        if len(rows) >= count:
            break
        if may_be_rare and (index == 1 or not rows):
            client_ids = await find_clients(tx, words, seen_rooms)
            if client_ids is not None:
                statement, values = of_clients(client_ids)
                return await tx.rows(statement, **values)
            may_be_rare = False
    return rows


async def find_clients(tx: Tx, words: str, seen_rooms: list[UUID] | None) -> list[UUID] | None:
    """The clients that `words` find, from the index; None where they are more than `MOST_NAMED`, so
    that any scan meets some.
    """
    values = {"patterns": patterns_of(words), "most": MOST_NAMED + 1}
    if seen_rooms is None:
        rows = await tx.rows(_FOUND, **values)
    else:
        rows = await tx.rows(_FOUND_AND_SEEN, **values, seen_rooms=seen_rooms)
    if len(rows) > MOST_NAMED:
        return None
    return [row["id"] for row in rows if seen_rooms is None or row["is_seen"]]
