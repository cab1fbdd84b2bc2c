"""Refusals that are the gateway's own."""

from shared.errors import Refusal


class BodyTooLarge(Refusal):
    """A body beyond what any command needs."""

    status, code = 413, "too_large"


class BodyTimeout(Refusal):
    """A body that did not arrive in time."""

    status, code = 408, "too_slow"


class PathNotFound(Refusal):
    """A path that nothing answers."""

    status, code = 404, "not_found"


class EmailTaken(Refusal):
    """An e-mail that somebody logs in with already."""

    code = "duplicate_email"
