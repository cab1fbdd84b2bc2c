"""Facts that are kept for ever hold ids, codes and money.

What identifies a person, and what people typed, is on sales.people.v1 alone; what a bank or an ERP
tells of payers is deleted after 30 days.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts.schemas import schema_of
from shared.events import INBOUND_PAYMENTS, INBOUND_PAYOUTS, PEOPLE, REGISTRY

KEPT = [
    type_
    for type_, kind in sorted(REGISTRY.items())
    if kind.topic not in (PEOPLE, INBOUND_PAYMENTS, INBOUND_PAYOUTS)
]
NAMES_OF_THINGS = {
    ("company.changed", "name"),
    ("room.changed", "name"),
    ("product.changed", "name"),
    ("source.changed", "name"),
    ("loss_reason.changed", "name"),
    ("custom_field.changed", "name"),
}
CODES = {
    "campaign": "a source's, chosen by marketing",
    "category": "a product's",
    "channel": "a source's, chosen by marketing",
    "checksum": "hexadecimal",
    "number": "of a paper, an invoice or a closing document, as it is printed on it",
    "period": "a month",
    "personnel_number": "what payroll knows an employee by; integrations.md allows it",
    "corrected_period": "a month",
    "rule": "position and kind of a plan's rule",
    "time_zone": "IANA",
}
COUNTS = {(type_, "total") for type_ in ("job.progressed", "job.finished")}
IDENTIFYING = (
    "name",
    "phone",
    "mail",
    "inn",
    "kpp",
    "passport",
    "birth",
    "address",
    "login",
    "note",
    "text",
    "reason",
    "comment",
    "what",
)
TELLS_ONLY_THAT_IT_EXISTS = ("has_note", "has_reason")


def fields(schema: dict[str, Any], node: Any = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a schema and its parts, with what it may hold, each alternative alone."""
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, field in part.get("properties", {}).items():
            for alternative in field.get("anyOf", [field]):
                yield name, alternative.get("items", alternative)


def is_free_text(field: dict[str, Any]) -> bool:
    return field.get("type") == "string" and not field.keys() & {
        "format",
        "enum",
        "const",
        "pattern",
    }


def is_money(field: dict[str, Any]) -> bool:
    return bool(field.get("$ref", "").endswith(("/Money", "/MoneySum")))


@pytest.mark.parametrize("type_", KEPT)
def test_an_event_kept_for_ever_has_no_free_text(type_: str) -> None:
    """Whatever its name: a new text field must become a code, go to sales.people.v1, or be argued
    for here.
    """
    texts = {name for name, field in fields(schema_of(REGISTRY[type_])) if is_free_text(field)}
    assert not {
        name
        for name in texts - CODES.keys()
        if (type_, name) not in NAMES_OF_THINGS and name != "currency"
    }


@pytest.mark.parametrize("type_", KEPT)
def test_an_event_kept_for_ever_has_no_personal_fields(type_: str) -> None:
    names = {name for name, _ in fields(schema_of(REGISTRY[type_]))}
    suspects = {
        name
        for name in names
        if not name.endswith("_id")
        for part in name.split("_")
        if part.rstrip("s") in IDENTIFYING
    }
    assert not {
        name
        for name in suspects
        if (type_, name) not in NAMES_OF_THINGS and name not in TELLS_ONLY_THAT_IT_EXISTS
    }


@pytest.mark.parametrize("type_", sorted(REGISTRY))
def test_nothing_is_a_float(type_: str) -> None:
    assert not [
        name for name, field in fields(schema_of(REGISTRY[type_])) if field.get("type") == "number"
    ]


def test_money_is_text_with_two_places() -> None:
    money = schema_of(REGISTRY["payment.received"])["$defs"]["Money"]
    assert money["properties"]["amount"]["pattern"] == r"^-?\d{1,12}\.\d{2}$"
    total = schema_of(REGISTRY["payment.received"])["$defs"]["MoneySum"]
    assert total["properties"]["amount"]["pattern"] == r"^-?\d{1,20}\.\d{2}$"
    assert money["properties"]["currency"]["pattern"] == "^[A-Z]{3}$"


@pytest.mark.parametrize(
    "name", ["amount", "price", "paid", "invoiced", "receipts", "total", "statement_total"]
)
def test_fields_named_like_money_are_money(name: str) -> None:
    met = [
        field
        for type_ in KEPT
        for field_name, field in fields(schema_of(REGISTRY[type_]))
        if field_name == name and (type_, name) not in COUNTS
    ]
    assert met
    assert all(
        is_money(field) or field.get("type") == "boolean" or "pattern" in field for field in met
    )
