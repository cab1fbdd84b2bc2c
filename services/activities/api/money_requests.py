"""Bodies of requests about money."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, PlainValidator, StringConstraints, WithJsonSchema

from services.activities.api.requests import Body
from shared.clock import EARLIEST, EARLIEST_DAY, LATEST, LATEST_DAY
from shared.money import PositiveMoney
from shared.rules import rule_broken
from shared.text import Line

LONGEST_ID = 200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    _DAY.pattern + r"T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def _canonical_id(text: str) -> str:
    """One spelling of a sender's id: NFKC, without format characters (zero width, direction of
    writing) and spaces around; the case may be meant.
    """
    composed = unicodedata.normalize("NFKC", text)
    visible = "".join(sign for sign in composed if unicodedata.category(sign) != "Cf").strip()
    if not visible:
        raise rule_broken("empty")
    if len(visible) > LONGEST_ID:
        raise rule_broken("too_long", max=LONGEST_ID)
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in visible):
        raise rule_broken("storable")
    return visible


def _day_or_moment(value: Any) -> date | datetime:
    """A day stays one, so that it isn't taken for the midnight of some zone."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            day = date.fromisoformat(value)
            if EARLIEST_DAY <= day < LATEST_DAY:
                return day
        elif isinstance(value, str) and _MOMENT.fullmatch(value):
            moment = datetime.fromisoformat(value)
            if EARLIEST <= moment < LATEST:
                return moment.astimezone(UTC)
        else:
            raise rule_broken("day_or_moment")
    except ValueError:
        raise rule_broken("day_or_moment") from None
    raise rule_broken("years")


ExternalId = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_ID), AfterValidator(_canonical_id)
]
DayOrMoment = Annotated[
    date | datetime,
    PlainValidator(_day_or_moment),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
            ],
            "examples": ["2026-11-20", "2026-11-20T10:00:00Z"],
        }
    ),
]


class NewPayment(Body):
    amount: PositiveMoney
    invoice_id: UUID | None = None
    paid_at: DayOrMoment | None = None
    external_id: ExternalId | None = None


class NewRefund(Body):
    """Of all that was paid, or of the payment that it names; for the product that came back, where
    it names one.
    """

    amount: PositiveMoney
    payment_id: UUID | None = None
    product_id: UUID | None = None
    reason: Line
    external_id: ExternalId | None = None
