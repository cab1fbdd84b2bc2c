"""The wait after wrong passwords: longer with every further try."""

from dataclasses import dataclass

WINDOW_SECONDS = 300
FREE_TRIES = 5
"""Of one e-mail from one address: nobody else waits for these."""
FREE_TRIES_ADDRESS = 50
"""Of any e-mails from one address; who logged in from there before does not wait for these."""
FREE_TRIES_EMAIL = 100
"""Of one e-mail from any addresses; who logged in from theirs before does not wait for these."""
FREE_RESETS = 20
"""Requests from one address to reset a password."""
_FIRST_WAIT = 5


def wait_after(wrong: int, free: int) -> int:
    """Seconds to wait after the `wrong`-th wrong try in the window when `free` of them cost
    nothing: 5, 10, 20 … 300.
    """
    if wrong < free:
        return 0
    doublings: int = min(wrong - free, 10)
    return min(WINDOW_SECONDS, _FIRST_WAIT << doublings)


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong tries so far, counted until `counted_until`; none is accepted before `locked_until`.

    Both are unix seconds.
    """

    wrong: int = 0
    locked_until: float = 0
    counted_until: float = 0

    def wait(self, now: float) -> int:
        """Whole seconds until the next try is accepted."""
        return max(0, -int(-(self.locked_until - now) // 1)) if self.locked_until > now else 0

    def after_wrong(self, free: int, now: float) -> "Tries":
        """The tries after one more wrong one."""
        wrong = self.wrong + 1 if now < self.counted_until else 1
        return Tries(wrong, now + wait_after(wrong, free), now + WINDOW_SECONDS)
