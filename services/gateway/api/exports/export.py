"""What an export is: a list, its columns, and the rows that its items make."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from services.gateway.api.exports.columns import Column, Item, Names

Rows = Callable[[Item, Names], Iterable[Item]]


def _as_it_is(item: Item, _: Names) -> Iterable[Item]:
    yield item


@dataclass(frozen=True, slots=True)
class Export:
    """A list as a file: `path` is that of its items below the API, `query` what is always asked of
    it. `named` are the nouns whose names the list does not bring along.
    """

    name: str
    path: str
    columns: Sequence[Column]
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    rows: Rows = _as_it_is
    named: tuple[str, ...] = ("rooms",)


def rows_of(export: Export, page: Mapping[str, Any], names: Names) -> list[list[Any]]:
    """The values of a page's rows, in the order of the columns."""
    known = {**names, **(page.get("names") or {})}
    return [
        [column.value(row, known) for column in export.columns]
        for item in page["items"]
        for row in export.rows(item, known)
    ]
