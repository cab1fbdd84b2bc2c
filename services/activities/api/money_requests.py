"""Bodies of requests about money."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import PlainValidator, WithJsonSchema

from services.activities.api.requests import Body
from shared.clock import EARLIEST, EARLIEST_DAY, LATEST, LATEST_DAY
from shared.money import PositiveMoney
from shared.payment_details import ExternalId
from shared.rules import rule_broken
from shared.text import Line

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    _DAY.pattern + r"T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


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
