"""Refusals of the API in the words of pages: the rule, the fields, and the moment until when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from services.gateway.edge.upstream import UpstreamResponse


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal. `until` is when the same may be tried again, UTC; `fields` are messages by field,
    `more` what else the API says with it.
    """

    status: int
    code: str
    title: str
    detail: str
    until: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> int | None:
        """How long to wait, as the API said it."""
        seconds = self.more.get("retry_after_seconds")
        return int(seconds) if seconds is not None else None

    @property
    def counted(self) -> tuple[str, str, str]:
        """The detail in three parts: its seconds, which a page counts down in their place, and what
        stands before and after; where it names none, all of it stands before.
        """
        parts = re.split(rf"(\b{self.seconds} \w\b)", self.detail, maxsplit=1)
        return (
            (parts[0], parts[1], parts[2])
            if len(parts) > 1
            else (f"{parts[0]} ", str(self.seconds), "")
        )

    def of_row(self, field: str, index: int) -> str:
        """What is wrong with an element of a list, or with any of its own fields; or nothing."""
        row = f"{field}.{index}"
        own = (text for name, text in self.fields.items() if f"{name}.".startswith(f"{row}."))
        return next(own, "")

    @property
    def tone(self) -> str:
        """`warn` where waiting helps, else nothing: refused."""
        return "warn" if self.until else ""


class Refused(Exception):
    """The API refused; carries why. A page that does not catch it shows it in place."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def problem_of(response: UpstreamResponse, now: datetime | None = None) -> Problem:
    """The problem in a refusal of the API, also in one that is no problem document."""
    try:
        body = response.json()
    except orjson.JSONDecodeError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    return Problem(
        status=response.status,
        code=str(body.get("code", "internal")),
        title=str(body.get("title", "")),
        detail=str(body.get("detail", "")),
        until=_until(body, now or datetime.now(UTC)),
        fields=_fields(body),
        more=body,
    )


def _until(body: Mapping[str, Any], now: datetime) -> datetime | None:
    if (seconds := body.get("retry_after_seconds")) is not None:
        return now + timedelta(seconds=int(seconds))
    return None


def _fields(body: Mapping[str, Any]) -> dict[str, str]:
    """The first message of each field; an element of a list is named as the API names it."""
    messages: dict[str, str] = {}
    for error in body.get("errors", ()):
        messages.setdefault(str(error["field"]), str(error.get("message", "")))
    return messages
