"""What the door itself refuses."""

from shared.errors import Refusal


class TooLarge(Refusal):
    """A body beyond what any command needs."""

    status, code = 413, "too_large"


class TooSlow(Refusal):
    """The body did not arrive in time."""

    status, code = 408, "too_slow"


class NoSuchPath(Refusal):
    """Nothing answers at this path."""

    status, code = 404, "not_found"


class DuplicateEmail(Refusal):
    """Somebody logs in with this e-mail already."""

    code = "duplicate_email"
