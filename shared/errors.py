"""Refusals: what a rule answers instead of an event.

Mapped to problem details in one place, `shared.web.problems`; their texts stand by code and
language in `shared.web.messages`.
"""

from datetime import datetime
from typing import Any, ClassVar

from shared.clock import seconds_until


class Refusal(Exception):
    """A request that a rule does not allow. Nothing was changed.

    `code` is what clients branch on, `status` the HTTP status. `extra` are the parameters: members
    of the problem that a caller needs to go on, and placeholders of its text. A code with several
    texts names the one meant by `reason`, a word such as `role`.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"

    def __init__(self, reason: str = "", /, **extra: Any) -> None:
        super().__init__(f"{self.code}.{reason}" if reason else self.code)
        self.reason = reason
        self.extra = extra


class NotFound(Refusal):
    """It does not exist, or it is not the caller's to see: the two look the same.

    `field` names the one that referred to it, where the request's body or query did.
    """

    status, code = 404, "not_found"

    def __init__(self, noun: str, field: str | None = None) -> None:
        errors = {"errors": [{"field": field, "rule": "exists", "noun": noun}]} if field else {}
        super().__init__(noun=noun, **errors)


class Forbidden(Refusal):
    """The caller may see it, but may not do this."""

    status, code = 403, "forbidden"


class Unauthenticated(Refusal):
    """The caller is not known, or no longer."""

    status, code = 401, "unauthenticated"


class Invalid(Refusal):
    """Input that breaks a rule of its own, whatever the state.

    Names the field and the rule; `parameters` are the rule's, such as its limit.
    """

    status, code = 422, "invalid"

    def __init__(self, field: str, rule: str, /, **parameters: Any) -> None:
        super().__init__(errors=[{"field": field, "rule": rule, **parameters}])


class NotConfigured(Refusal):
    """Something that this installation, or the tenant, has not been given the means for."""

    code = "not_configured"


class NotSoldInRoom(Invalid):
    """The room does not sell for the company: rule `sold_in_room`."""

    def __init__(self, field: str = "company_id") -> None:
        super().__init__(field, "sold_in_room")


class VipOfAnother(Refusal):
    """Another seller holds the client for this company. `protected_until` is when that ends without
    progress, UTC, None for never.
    """

    code = "vip_of_another"

    def __init__(self, protected_until: datetime | None) -> None:
        super().__init__(protected_until=protected_until)


class Wait(Refusal):
    """Allowed later, in `seconds`."""

    status, code = 429, "rate_limited"

    def __init__(self, reason: str, seconds: int, /) -> None:
        super().__init__(reason, retry_after_seconds=seconds)

    @classmethod
    def until(cls, moment: datetime, now: datetime, reason: str = "") -> "Wait":
        return cls(reason, seconds_until(moment, now))


class Overuse(Wait):
    """More than a fair share, free again in `seconds`. `rule` names the limit: `caller`, `tenant`,
    `address`, `concurrency` or `streams`.
    """

    def __init__(self, rule: str, seconds: int, /) -> None:
        super().__init__(rule, seconds)
        self.extra["rule"] = rule


class BodyTooLarge(Refusal):
    """A body of more than `max_bytes`, which is all that any request to its path needs."""

    status, code = 413, "too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes=max_bytes)


class Unavailable(Refusal):
    """Something that we depend on does not answer; the same request may be sent again."""

    status, code = 503, "unavailable"

    def __init__(self, reason: str, seconds: int = 1, /, **extra: Any) -> None:
        super().__init__(reason, retry_after_seconds=seconds, **extra)
