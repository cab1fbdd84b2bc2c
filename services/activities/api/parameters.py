"""Query parameters that several routes share."""

from typing import Annotated

from fastapi import Query

Archived = Annotated[
    bool, Query(description="Whether those that take no new activities are listed too.")
]
