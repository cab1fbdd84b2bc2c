"""Columns of exported lists: their titles, and where their values stand in an item."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Item = Mapping[str, Any]
Names = Mapping[str, Mapping[str, str]]
"""Names by noun and id."""
Kind = Literal["text", "code", "number", "money", "day", "moment", "flag", "word"]
"""What a column holds. A `code` is of digits and no number: an INN, a phone. A `word` is a code of
the API, which Russian files have in words."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `path` leads to the value in an item, its parts joined by dots; where that is an
    id, or a list of them, `noun` says what it names.
    """

    path: str
    russian: str
    english: str
    kind: Kind = "text"
    noun: str = ""

    def title(self, language: str, time_zone: str) -> str:
        """The title; of moments with the zone in which they are told."""
        title = self.russian if language == "ru" else self.english
        return f"{title} ({time_zone})" if self.kind == "moment" else title

    def value(self, item: Item, names: Names) -> Any:
        """The value in an item; None where there is none."""
        value: Any = item
        for part in self.path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if not self.noun or value is None:
            return value
        known = names.get(self.noun, {})
        ids = value if isinstance(value, list) else [value]
        return ", ".join(known.get(id_, id_) for id_ in ids)


def money(path: str, russian: str, english: str) -> Column:
    """An amount of money; its currency stands in a column of its own."""
    return Column(f"{path}.amount", russian, english, "money")


def moment(path: str, russian: str, english: str) -> Column:
    """A moment, told in a zone that the title names."""
    return Column(path, russian, english, "moment")


ID = Column("id", "Номер в системе", "Id")
COMPANY = Column("company_id", "Компания", "Company", noun="companies")
ROOM = Column("room_id", "Комната", "Room", noun="rooms")
RESPONSIBLE = Column("responsible_id", "Ответственный", "Responsible", noun="employees")
SOURCE = Column("source_id", "Источник", "Source", noun="sources")
CLIENT = Column("client.name", "Клиент", "Client")
NAME = Column("name", "Название", "Name")
ARCHIVED = Column("archived", "В архиве", "Archived", "flag")
STATUS = Column("status", "Состояние", "Status", "word")
STAGE = Column("stage", "Стадия", "Stage", "word")
