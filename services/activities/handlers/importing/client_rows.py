"""Rows that describe clients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities.domain import custom_fields as rules
from services.activities.domain.custom_fields import CustomField, Sent
from services.activities.domain.custom_fields import Value as CustomValue
from services.activities.domain.identity import PERSON_DIGITS, broken_inn_rule
from services.activities.domain.imports import CUSTOM
from services.activities.handlers.importing.cells import Cells
from services.activities.handlers.importing.fingerprints import fingerprint
from services.activities.handlers.importing.person_rows import (
    PersonRow,
    described_person,
    person_row,
)
from shared.ids import CustomFieldId

_KINDS = {
    **dict.fromkeys(
        ("organization", "организация", "юрлицо", "юр. лицо", "юридическое лицо", "юл", "компания"),
        "organization",
    ),
    **dict.fromkeys(
        ("person", "физлицо", "физ. лицо", "физическое лицо", "фл", "человек", "частное лицо"),
        "person",
    ),
    **dict.fromkeys(("ип", "индивидуальный предприниматель", "самозанятый"), "person"),
}
DESCRIBED = ("name", "kind", "inn", "kpp", "phones", "emails", "large")


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client as a row describes it, and one of its contact persons, if it names any. `given` are
    the fields that the row has a value for; `key` is the sender's own, or one that follows from
    the client's cells.
    """

    number: int
    key: str
    fingerprint: bytes
    described: Mapping[str, Any]
    given: frozenset[str]
    custom: Mapping[CustomFieldId, CustomValue]
    person: PersonRow | None = None

    def with_person(self, room_id: UUID) -> dict[str, Any]:
        """The client as described, and its person among what it is known by."""
        persons = [self.person.entry(room_id)] if self.person else []
        return {**self.described, "person_index": persons}


@dataclass(frozen=True, slots=True)
class ClientColumns:
    """What rows of clients are judged by: the company's own fields that columns fill, by their
    field's name, the company's currency, and the kind of client where a row names none.
    """

    custom: Mapping[str, CustomField]
    currency: str
    default_kind: str = "organization"


def client_row(cells: Cells, by: ClientColumns) -> ClientRow | None:
    """The client of a row; None where `cells` has noted why not."""
    cells.require_shape()
    external_id = cells.text("external_id", "line")
    described = described_client(cells, by.default_kind)
    if described["name"] is None and not cells.refusals:
        cells.refuse("name", "missing")
    custom = {field.id: _custom(cells, name, field, by) for name, field in by.custom.items()}
    person = described_person(cells)
    if cells.refusals:
        return None
    given = frozenset(name for name in DESCRIBED if described[name] not in (None, []))
    values = {id_: value for id_, value in custom.items() if value is not None}
    print_ = fingerprint(described, {str(id_): rules.plain(value) for id_, value in values.items()})
    key = f"id:{external_id}" if external_id else f"row:{print_.hex()}"
    described = {**described, "large": bool(described["large"])}
    of_client = person_row(key, person) if person else None
    return ClientRow(cells.number, key, print_, described, given, values, of_client)


def described_client(cells: Cells, default_kind: str) -> dict[str, Any]:
    """The client's fields in a row; what is not there is None, or an empty list."""
    inn, kpp = cells.inn(), cells.kpp()
    kind = cells.one_of("kind", _KINDS) or _kind_by(inn, default_kind)
    if rule := broken_inn_rule(kind, inn, kpp):  # type: ignore[arg-type]
        cells.refuse("kpp" if rule == "with_inn" else "inn", rule)
    return {
        "name": cells.text("name", "name"),
        "kind": kind,
        "inn": inn,
        "kpp": kpp,
        "phones": cells.contacts("phones", "phone"),
        "emails": cells.contacts("emails", "email"),
        "large": cells.truth("large"),
    }


def _kind_by(inn: str | None, default: str) -> str:
    if inn is None:
        return default
    return "person" if len(inn) == PERSON_DIGITS else "organization"


def _custom(cells: Cells, name: str, field: CustomField, by: ClientColumns) -> CustomValue | None:
    raw = cells.raw(name)
    if raw is None:
        return None
    sent = _sent(cells, name, field, by.currency)
    if sent is None:
        return None
    return cells.judged(name, lambda: rules.value_of(field, sent, by.currency, name))


def _sent(cells: Cells, name: str, field: CustomField, currency: str) -> Sent | None:
    """The value as the field's kind takes it; of a choice the id that its name stands for."""
    if field.kind == "boolean":
        return cells.truth(name)
    if field.kind == "date":
        day = cells.day(name)
        return day.isoformat() if day else None
    if field.kind == "number":
        number = cells.number_in(name)
        return None if number is None else f"{number:f}"
    if field.kind == "money":
        return cells.money(name, currency)
    if field.kind == "choice":
        return _choice(cells, name, field)
    return cells.text(name, "line")


def _choice(cells: Cells, name: str, field: CustomField) -> str | None:
    in_use = {
        choice.name.casefold(): str(choice.id) for choice in field.choices if not choice.archived
    }
    return cells.one_of(name, in_use)


def custom_columns(
    fields: Sequence[CustomField], mapped: Mapping[int, str]
) -> dict[str, CustomField]:
    """The company's own fields that columns fill, by their field's name."""
    by_id = {field.id: field for field in fields if not field.archived}
    names = {name for name in mapped.values() if name.startswith(CUSTOM)}
    ids = {name: CustomFieldId(UUID(name.removeprefix(CUSTOM))) for name in names}
    return {name: by_id[id_] for name, id_ in ids.items() if id_ in by_id}
