"""What a request costs in units of fair use: one is a read of a ready screen.

Measured on one machine: a command takes about eight times as long as such a read, a list from its
owner four times.
"""

from services.gateway.edge.routes import PREFIX
from shared.web.bodies import UPLOADS

SCREEN = 1.0
LIST = 4.0
COMMAND = 8.0
CHECK = 20.0
"""A blind check of a client: one at a time is work, a list of them is a search for others'."""
LONG_WORK = 40.0
PAGE = 1.0
"""A document or a file that is open to everybody."""
STRANGER = 10.0
"""A request that may cost a transaction or a hash before its sender is known, or that turns out to
be a stranger's."""

_SCREENS = frozenset(PREFIX + name for name in ("pool", "desk", "me", "stream"))
_CHECK = PREFIX + "clients/check"
_REPORTS = PREFIX + "reports/"
_ACTIVITY = PREFIX + "activities/"
_EXPORTS = PREFIX + "exports/"
_LONG = ("/publish", "/close", "/report", "/bulk", "/book", "/run", "/refused")


def cost_of(method: str, path: str) -> float:
    """The units that a caller's request costs."""
    if path.endswith(_LONG) or path.startswith((_EXPORTS, _REPORTS)):
        return LONG_WORK
    if path == _CHECK:
        return CHECK
    if method not in ("GET", "HEAD"):
        return LONG_WORK if path in UPLOADS else COMMAND
    return SCREEN if path in _SCREENS or path.startswith(_ACTIVITY) else LIST


def cost_for_everybody(method: str, path: str) -> float:
    """The units that a request without a caller costs its address."""
    return PAGE if method in ("GET", "HEAD") else STRANGER
