"""Query parameters that several routes share."""

from typing import Annotated

from fastapi import Query
from pydantic import StringConstraints

from services.activities.queries.custom_filter import MOST_ASKED

Archived = Annotated[
    bool, Query(description="Whether those that take no new activities are listed too.")
]
CustomQuery = Annotated[
    list[Annotated[str, StringConstraints(max_length=240)]] | None,
    Query(
        max_length=MOST_ASKED,
        description="What a field of one company holds: `<field id>:<value>` (text without regard "
        "to case and quotes), or `<field id>:<from>..<to>` of numbers, money and dates, one end "
        "may be left out. Repeated, all of them hold.",
        examples=[["019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a31:10..20"]],
    ),
]
