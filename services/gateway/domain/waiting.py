"""How long who tried wrong passwords must wait: longer with every further try."""

from dataclasses import dataclass

WINDOW_SECONDS = 300
FREE_TRIES_EMAIL = 5
FREE_TRIES_ADDRESS = 50
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
    """Wrong tries so far, counted until `forgotten_at`; nobody is heard before `closed_until` (unix
    seconds).
    """

    wrong: int = 0
    closed_until: float = 0
    forgotten_at: float = 0

    def wait(self, now: float) -> int:
        """Whole seconds until the next try is heard."""
        return max(0, -int(-(self.closed_until - now) // 1)) if self.closed_until > now else 0

    def after_wrong(self, free: int, now: float) -> "Tries":
        """The tries after one more wrong one."""
        wrong = self.wrong + 1 if now < self.forgotten_at else 1
        return Tries(wrong, now + wait_after(wrong, free), now + WINDOW_SECONDS)
