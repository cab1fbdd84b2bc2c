"""Whether a server or service can be used, and waiting until it can."""

import asyncio
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import asyncpg

from deploy.local.errors import CannotRun
from deploy.local.servers import Server
from deploy.local.supervise import Supervisor

DEATHS_BEFORE_GIVING_UP = 3
STACK = re.compile(r"at [\w.$/]+[.(]|\.\.\. \d+ more")
"""A line of a Java stack trace."""


def responds(server: Server) -> bool:
    """Whether one of our own servers can be used right now.

    Raises:
        CannotRun: it never can be, for its data were made with another password.
    """

    async def within() -> None:
        await asyncio.wait_for(server.check(), 10)

    try:
        asyncio.run(within())
    except asyncpg.InvalidPasswordError:
        raise CannotRun(
            f"the data in {server.folder} were made with another password than this set-up's: name"
            " it in SALES_SUPERUSER_PASSWORD, or remove the data with `make reset`"
        ) from None
    except Exception:
        return False
    return True


def await_usable(
    name: str, usable: Callable[[], bool], supervisor: Supervisor, seconds: float
) -> None:
    """Wait for a program; one that keeps dying is not waited for."""
    until, restarts = time.monotonic() + seconds, supervisor.states()[name].restarts
    while not usable():
        state = supervisor.states()[name]
        if state.state == "FATAL" or state.restarts - restarts >= DEATHS_BEFORE_GIVING_UP:
            raise CannotRun(
                f"{name} dies as it starts: {last_words(supervisor.log_of(name))}",
                supervisor.log_of(name),
            )
        if time.monotonic() > until:
            raise CannotRun(
                f"{name} is not ready after {seconds:.0f} s: {last_words(supervisor.log_of(name))}",
                supervisor.log_of(name),
            )
        time.sleep(0.2)


def last_words(log: Path) -> str:
    """The last line of a log that says something: where in a program it happened does not."""
    lines = (
        [line.strip() for line in log.read_text(errors="replace").splitlines()]
        if log.exists()
        else []
    )
    telling = [line for line in lines if line and not STACK.match(line)]
    return telling[-1][:200] if telling else "it wrote nothing"


def is_ready(url: str) -> bool:
    """Whether the service behind `url` takes work."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"{url}/health/ready", timeout=3
        ) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
