"""What the door itself refuses."""

from shared.errors import Refusal


class TooLarge(Refusal):
    """A body beyond what any command needs."""

    status, code, title = 413, "too_large", "Too large"


class TooSlow(Refusal):
    """The body did not arrive in time."""

    status, code, title = 408, "too_slow", "Request timed out"


class NoSuchPath(Refusal):
    """Nothing answers at this path."""

    status, code, title = 404, "not_found", "Not found"


class DuplicateEmail(Refusal):
    """Somebody logs in with this e-mail already."""

    code, title = "duplicate_email", "E-mail taken"
