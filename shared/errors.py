"""Refusals: what a rule answers instead of a fact.

Mapped to problem details in one place, `shared.web.problems`.
"""

from datetime import datetime
from typing import Any, ClassVar

from shared.clock import seconds_until


class Refusal(Exception):
    """A request that a rule does not allow. Nothing was changed.

    `code` is what clients branch on, `status` the HTTP status, `extra` the fields a caller needs to
    go on.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "Refused by a rule"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class NotFound(Refusal):
    """It does not exist, or it is not the caller's to see: the two look the same."""

    status, code, title = 404, "not_found", "Not found"

    def __init__(self, what: str, field: str | None = None) -> None:
        errors = (
            {"errors": [{"field": field, "rule": "exists", "message": f"no such {what}"}]}
            if field
            else {}
        )
        super().__init__(f"no such {what}", **errors)


class Forbidden(Refusal):
    """The caller may see it, but may not do this."""

    status, code, title = 403, "forbidden", "Not allowed"


class Unauthenticated(Refusal):
    """Nobody we know, or no longer."""

    status, code, title = 401, "unauthenticated", "Who are you?"


class Invalid(Refusal):
    """Input that breaks a rule of its own, whatever the state: names the field and the rule."""

    status, code, title = 422, "invalid", "Malformed input"

    def __init__(self, field: str, rule: str, message: str) -> None:
        super().__init__(
            f"{field}: {message}", errors=[{"field": field, "rule": rule, "message": message}]
        )


class NotSoldInRoom(Invalid):
    """The room does not sell for the company: rule `sold_in_room`."""

    def __init__(self, field: str = "company_id") -> None:
        super().__init__(field, "sold_in_room", "the room does not sell for this company")


class VipOfAnother(Refusal):
    """Another seller holds the client for this company. `protected_until` is when that ends without
    progress, UTC, None for never.
    """

    code, title = "vip_of_another", "Another seller's VIP"

    def __init__(self, protected_until: datetime | None) -> None:
        super().__init__("another seller holds this client", protected_until=protected_until)


class Wait(Refusal):
    """Allowed later: says in how many seconds."""

    status, code, title = 429, "rate_limited", "Too soon"

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail, retry_after_seconds=seconds)

    @classmethod
    def until(cls, moment: datetime, now: datetime, detail: str) -> "Wait":
        return cls(detail, seconds_until(moment, now))


class Unavailable(Refusal):
    """Something we depend on does not answer; the same request may be sent again."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"

    def __init__(self, detail: str, seconds: int = 1) -> None:
        super().__init__(detail, retry_after_seconds=seconds)
