"""A company's own fields of its clients, and what their values may be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.activities.domain.refusals import DuplicateCustomField
from shared.clock import EARLIEST_DAY, LATEST_DAY
from shared.errors import Invalid
from shared.ids import ChoiceId, CompanyId, CustomFieldId
from shared.money import LARGEST, Money, is_plain_decimal
from shared.vocabulary import CustomFieldKind

MOST_IN_USE = 50
"""Fields of a company that are not archived."""
MOST_FIELDS = 200
"""Fields of a company in all."""
MOST_CHOICES = 100
"""Choices of a field that are not archived."""
MOST_CHOICES_EVER = 500
_MOST_DIGITS = Decimal(10) ** 15
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Sent = str | bool | Money
"""A value as somebody sends it."""
Value = str | bool | Decimal | date | Money
"""A value as its kind has it; of a choice its id, as text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field of choices; an archived one is chosen no more."""

    id: ChoiceId
    name: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class CustomField:
    """What a company wants to know of its clients. The kind never changes; a `required` value may
    be changed, but not be removed; an `archived` field keeps its values and shows them no more.
    """

    id: CustomFieldId
    company_id: CompanyId
    name: str
    kind: CustomFieldKind
    choices: tuple[Choice, ...]
    required: bool
    archived: bool

    def choice(self, id_: str) -> Choice | None:
        """The choice of that id, an archived one too."""
        return next((choice for choice in self.choices if str(choice.id) == id_.lower()), None)


def require_room_for(
    field_id: CustomFieldId, name: str, archived: bool, others: Sequence[CustomField]
) -> None:
    """Raises `DuplicateCustomField` where one of the company's `others` has the name, in whatever
    case, `Invalid` where they are too many.
    """
    is_new = all(other.id != field_id for other in others)
    others = [other for other in others if other.id != field_id]
    for other in others:
        if other.name.casefold() == name.casefold():
            raise DuplicateCustomField(custom_field_id=str(other.id), archived=other.archived)
    if len(others) >= MOST_FIELDS:
        raise Invalid("name", "too_many", max=MOST_FIELDS)
    if not archived and sum(not other.archived for other in others) >= MOST_IN_USE:
        raise Invalid("name" if is_new else "archived", "too_many", max=MOST_IN_USE)


def changed_choices(
    present: Sequence[Choice], sent: Sequence[tuple[ChoiceId | None, str, ChoiceId]]
) -> tuple[Choice, ...]:
    """The choices after a change: those that were sent, in their order, each with an id that it
    has or the new one; the others are archived behind them. A name without an id means the choice
    that is named so.

    Raises `Invalid` for the id of no choice, a name or an id twice, or too many.
    """
    by_id = {choice.id: choice for choice in present}
    by_name = {choice.name.casefold(): choice for choice in present}
    chosen: dict[ChoiceId, Choice] = {}
    names = set()
    for place, (id_, name, new_id) in enumerate(sent):
        existing = by_id.get(id_) if id_ else by_name.get(name.casefold())
        if id_ and existing is None:
            raise Invalid(f"choices.{place}.id", "exists", noun="choice")
        choice = Choice(existing.id if existing else new_id, name)
        if name.casefold() in names:
            raise Invalid(f"choices.{place}.name", "distinct")
        if choice.id in chosen:
            raise Invalid(f"choices.{place}.id", "distinct")
        names.add(name.casefold())
        chosen[choice.id] = choice
    left = [replace(choice, archived=True) for choice in present if choice.id not in chosen]
    if len(chosen) + len(left) > MOST_CHOICES_EVER:
        raise Invalid("choices", "too_many", max=MOST_CHOICES_EVER)
    return (*chosen.values(), *left)


def value_of(field: CustomField, sent: Sent, currency: str, place: str) -> Value:
    """What was sent, as the field's kind has it; `currency` is the company's. Text is a `Line`
    already.

    Raises `Invalid` that names the `place` and the rule.
    """
    if field.kind == "boolean":
        if not isinstance(sent, bool):
            raise Invalid(place, "boolean")
        return sent
    if field.kind == "money":
        if not isinstance(sent, Money):
            raise Invalid(place, "money_with_currency")
        if sent.currency != currency:
            raise Invalid(place, "company_currency", currency=currency)
        return sent
    if not isinstance(sent, str):
        raise Invalid(place, "text")
    return _value_of_text(field, sent, place)


def _value_of_text(field: CustomField, sent: str, place: str) -> Value:
    if field.kind == "number":
        return _number(sent, place)
    if field.kind == "date":
        return _day(sent, place)
    if field.kind == "choice":
        choice = field.choice(sent)
        if choice is None:
            in_use = [str(choice.id) for choice in field.choices if not choice.archived]
            raise Invalid(place, "one_of", allowed=in_use)
        if choice.archived:
            raise Invalid(place, "in_use")
        return str(choice.id)
    return sent


def _number(sent: str, place: str) -> Decimal:
    number = Decimal(sent) if is_plain_decimal(sent, 4) else None
    if number is None or abs(number) >= _MOST_DIGITS:
        raise Invalid(place, "plain_number")
    return number


def _day(sent: str, place: str) -> date:
    try:
        day = date.fromisoformat(sent) if _DAY.fullmatch(sent) else None
    except ValueError:
        day = None
    if day is None:
        raise Invalid(place, "date")
    if not EARLIEST_DAY <= day < LATEST_DAY:
        raise Invalid(place, "years")
    return day


def asked_range(
    field: CustomField, wanted: str, currency: str, place: str
) -> tuple[Value | None, Value | None]:
    """The least and the largest value that a filter asks for: the same twice, or, of numbers,
    money and dates, `from..to` with one end open at most (None).

    Raises `Invalid` that names the `place`.
    """
    if field.kind in ("number", "money", "date") and ".." in wanted:
        low, _, high = wanted.partition("..")
        if not low and not high:
            raise Invalid(place, "value")
        low_value = _asked(field, low, currency, place) if low else None
        high_value = _asked(field, high, currency, place) if high else None
        return low_value, high_value
    value = _asked(field, wanted, currency, place)
    return value, value


def _asked(field: CustomField, text: str, currency: str, place: str) -> Value:
    """The value that stands in a query: an amount without its currency, an archived choice too."""
    if field.kind == "boolean":
        if text not in ("true", "false"):
            raise Invalid(place, "boolean")
        return text == "true"
    if field.kind == "money":
        amount = Decimal(text) if is_plain_decimal(text) else None
        if amount is None or abs(amount) > LARGEST:
            raise Invalid(place, "money")
        return Money.build(amount=amount, currency=currency)
    if field.kind == "choice" and (choice := field.choice(text)):
        return str(choice.id)
    return _value_of_text(field, text, place)


def last_read(expected: frozenset[int], version: int) -> int | None:
    """The newest of the `expected` versions that somebody can have read; None where there is none:
    all is stale for them.
    """
    return max((each for each in expected if each <= version), default=None)


def plain(value: Value) -> Any:
    """A value as JSON has it: numbers as text without needless zeros."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Money):
        return {"amount": f"{value.amount:.2f}", "currency": value.currency}
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
