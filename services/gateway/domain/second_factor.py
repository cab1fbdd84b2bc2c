"""Who needs a second factor, and which of its codes still count."""

from collections.abc import Callable, Collection
from hmac import compare_digest

from shared.vocabulary import SecondFactorPolicy

STEP_SECONDS = 30
_DRIFT = (0, -1, 1)
RECOVERY_CODES = 10


def is_required(policy: SecondFactorPolicy, roles: Collection[str]) -> bool:
    """Whether the tenant's choice asks somebody with `roles` for a second factor."""
    return policy == "everyone" or (policy == "admins" and "admin" in roles)


def accepted_step(
    code: str, code_at: Callable[[int], str], now: float, last_step: int
) -> int | None:
    """The 30-second step whose code this is, at most one beside the present one (RFC 6238, 5.2).

    None for a wrong code, and for one of `last_step` or before: a code counts once.
    """
    present = int(now // STEP_SECONDS)
    accepted = None
    for drift in _DRIFT:
        step = present + drift
        # All three are compared, so that the time tells nothing.
        if compare_digest(code_at(step).encode(), code.encode()) and step > last_step:
            accepted = step
    return accepted


def canonical_code(text: str) -> str:
    """A code without the spaces and hyphens by which people group it."""
    return "".join(text.split()).replace("-", "").upper()
