"""Names beside ids: what a list mentions by id only, so that it needs no second call."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from shared.ids import CompanyId, EmployeeId, ProductId, RoomId, SourceId


class Names(BaseModel):
    """Names by id of what the items mention."""

    companies: dict[CompanyId, str]
    rooms: dict[RoomId, str]
    employees: dict[EmployeeId, str]
    sources: dict[SourceId, str]
    products: dict[ProductId, str]


NOUNS = tuple(Names.model_fields)
_NOUN_OF_FIELD: Mapping[str, str] = {
    "company_id": "companies",
    "room_id": "rooms",
    "responsible_id": "employees",
    "employee_id": "employees",
    "created_by": "employees",
    "source_id": "sources",
    "product_id": "products",
}


def mentioned_ids(view: Any) -> dict[str, set[str]]:
    """The ids that a view as JSON mentions, however deep, by noun."""
    ids: dict[str, set[str]] = {noun: set() for noun in NOUNS}
    for noun, id_ in _mentions(view):
        ids[noun].add(id_)
    return ids


def _mentions(view: Any) -> Iterator[tuple[str, str]]:
    if isinstance(view, dict):
        for name, value in view.items():
            if isinstance(value, dict | list):
                yield from _mentions(value)
            elif value is not None and (noun := _NOUN_OF_FIELD.get(name)):
                yield noun, value
    elif isinstance(view, list):
        for element in view:
            yield from _mentions(element)
