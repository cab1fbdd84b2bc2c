"""Offline conversions: what became of advertising's visitors, as Yandex Metrica takes it in.

The format: https://yandex.ru/dev/metrika/en/management/offline-conv
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

ConversionTarget = Literal["registered", "taken", "won", "paid"]
VisitorId = Literal["client_id", "user_id", "yclid", "purchase_id"]
COLUMNS: Mapping[VisitorId, str] = {
    "client_id": "ClientId",
    "user_id": "UserId",
    "yclid": "Yclid",
    "purchase_id": "PurchaseId",
}
"""The column that holds the visitor's id, by its kind."""
LONGEST_DAYS = 62
# An id never begins a formula, and needs no quotes.
_VISITOR = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.:-]{0,199}")


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a visitor came to: the goal, when, and the money where there is some."""

    visitor: str
    target: ConversionTarget
    at: datetime
    price: Decimal | None = None
    currency: str | None = None


def file_of(conversions: Iterable[Conversion], visitor_id: VisitorId) -> str:
    """The file, the oldest conversion first; moments are whole seconds since 1970. Ids that no
    counter gives are left out.
    """
    rows = [f"{COLUMNS[visitor_id]},Target,DateTime,Price,Currency"]
    for one in sorted(conversions, key=lambda one: (one.at, one.visitor, one.target)):
        if _VISITOR.fullmatch(one.visitor):
            price = "" if one.price is None else f"{one.price:.2f}"
            currency = one.currency if one.price is not None else ""
            moment = int(one.at.timestamp())
            rows.append(f"{one.visitor},{one.target},{moment},{price},{currency}")
    return "\n".join(rows) + "\n"
