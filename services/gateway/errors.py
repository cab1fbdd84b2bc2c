"""Refusals that are the gateway's own."""

from shared.errors import Refusal


class BodyTimeout(Refusal):
    """A body that did not arrive in time."""

    status, code = 408, "too_slow"


class PathNotFound(Refusal):
    """A path that nothing answers."""

    status, code = 404, "not_found"


class EmailTaken(Refusal):
    """An e-mail that somebody in the tenant logs in with already."""

    code = "duplicate_email"


class ShortNameTaken(Refusal):
    """A short name that another tenant has."""

    code = "duplicate_short_name"


class TenantRequired(Refusal):
    """The e-mail and the password are right in several tenants: `tenants` are their short names."""

    code = "tenant_required"

    def __init__(self, tenants: list[str]) -> None:
        super().__init__(tenants=tenants)


class ExportTooLarge(Refusal):
    """More rows than a file of this format is made for: `max_rows`."""

    code = "export_too_large"


class TooManyViews(Refusal):
    """As many saved views as one person may have: `limit`."""

    code = "too_many_views"

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class SecondFactorRequired(Refusal):
    """The password is right, and not enough: `challenge` opens the session together with a code.

    With `enrolment_required` there is no factor yet, and the tenant asks for one.
    """

    status, code = 401, "second_factor_required"


class SecondFactorActive(Refusal):
    """There is a confirmed second factor already."""

    code = "second_factor_active"
