"""Rows that describe activities: whose, of what, from where, and who works them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities.domain.registering import OfferedProduct, RequestedProduct
from services.activities.handlers.importing.cells import Cells
from services.activities.handlers.importing.client_rows import described_client
from services.activities.handlers.importing.fingerprints import fingerprint
from services.activities.storage import import_lookups
from shared.db import Tx
from shared.db.transaction import Row
from shared.folding import folded
from shared.ids import EmployeeId, ProductId, SourceId
from shared.membership import sells_in
from shared.vocabulary import SourceKind

MOST_QUANTITY = 100_000


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity as a row describes it, of the client that its key or its description means."""

    number: int
    key: str
    fingerprint: bytes
    client_key: str | None
    described: Mapping[str, Any] | None
    source_id: SourceId
    source_kind: SourceKind
    products: Sequence[RequestedProduct]
    note: str | None
    responsible_id: EmployeeId | None


@dataclass(frozen=True, slots=True)
class ActivityColumns:
    """What rows of activities are judged by: the directory by the words that rows use, the
    company's currency, and what holds for rows that say nothing else.
    """

    sources: Mapping[str, Row]
    products: Mapping[str, OfferedProduct]
    employees: Mapping[str, Row]
    currency: str
    room_id: UUID
    defaults: Mapping[str, str]


async def activity_columns(
    tx: Tx, company: Row, room_id: UUID, defaults: Mapping[str, str]
) -> ActivityColumns:
    """The directory as rows may name it. What two things are called means neither."""
    sources = await import_lookups.sources_of(tx)
    products = await import_lookups.products_of(tx, company["id"])
    employees = await import_lookups.employees_of(tx, room_id)
    return ActivityColumns(
        _by_words((row, (row["id"], row["name"])) for row in sources),
        _by_words((each, (each.id, each.name)) for each in products),
        _by_words(
            (row, (row["id"], row["email"], row["personnel_number"], row["name"]))
            for row in employees
        ),
        company["currency"],
        room_id,
        defaults,
    )


def _by_words(things: Any) -> dict[str, Any]:
    by_word: dict[str, Any] = {}
    ambiguous = set()
    for thing, words in things:
        for word in {folded(str(each)) for each in words if each}:
            if word in by_word:
                ambiguous.add(word)
            by_word[word] = thing
    return {word: thing for word, thing in by_word.items() if word not in ambiguous}


def activity_row(cells: Cells, by: ActivityColumns) -> ActivityRow | None:
    """The activity of a row; None where `cells` has noted why not."""
    cells.require_shape()
    external_id = cells.text("external_id", "line")
    client_key = cells.text("client_external_id", "line")
    described = described_client(cells, by.defaults.get("client_kind") or "organization")
    described["large"] = bool(described["large"])
    is_described = described["name"] or described["inn"]
    if not client_key and not is_described and not cells.refusals:
        cells.refuse("name", "missing")
    source = _source(cells, by)
    products = _products(cells, by)
    note = cells.text("note", "text")
    responsible_id = _responsible(cells, by)
    if cells.refusals or source is None:
        return None
    print_ = fingerprint(client_key, described, source["id"], products, note, responsible_id)
    return ActivityRow(
        number=cells.number,
        key=f"id:{external_id}" if external_id else f"row:{print_.hex()}",
        fingerprint=print_,
        client_key=f"id:{client_key}" if client_key else None,
        described=described if is_described else None,
        source_id=SourceId(source["id"]),
        source_kind=source["kind"],
        products=products,
        note=note,
        responsible_id=responsible_id,
    )


def _source(cells: Cells, by: ActivityColumns) -> Row | None:
    word = cells.raw("source") or by.defaults.get("source_id")
    if word is None:
        cells.refuse("source", "missing")
        return None
    source = by.sources.get(folded(word))
    if source is None:
        cells.refuse("source", "exists", noun="source")
    elif source["archived"]:
        cells.refuse("source", "archived")
    elif source["kind"] == "renewal":
        cells.refuse("source", "source_of_renewals")
    else:
        return source
    return None


def _products(cells: Cells, by: ActivityColumns) -> list[RequestedProduct]:
    word = cells.raw("product")
    quantity, price = _quantity(cells), cells.money("price", by.currency)
    if word is None:
        return []
    product = by.products.get(folded(word))
    if product is None:
        cells.refuse("product", "exists", noun="product")
    elif not product.active:
        cells.refuse("product", "active")
    elif price is not None and price.amount < 0:
        cells.refuse("price", "at_least", min=0)
    else:
        return [RequestedProduct(ProductId(product.id), quantity, price)]
    return []


def _quantity(cells: Cells) -> int:
    number = cells.number_in("quantity")
    if number is None:
        return 1
    if number != int(number):
        cells.refuse("quantity", "whole_number")
    elif not 1 <= number <= MOST_QUANTITY:
        cells.refuse("quantity", "range", min=1, max=MOST_QUANTITY)
    return int(number)


def _responsible(cells: Cells, by: ActivityColumns) -> EmployeeId | None:
    """Who works it: somebody who sells in the room now."""
    word = cells.raw("responsible") or by.defaults.get("responsible_id")
    if word is None:
        return None
    row = by.employees.get(folded(word))
    if row is None or not sells_in(
        row["roles"], row["room_ids"], row["active"], by.room_id, row["headed_room_ids"]
    ):
        cells.refuse("responsible", "exists", noun="seller_of_room")
        return None
    return EmployeeId(row["id"])
