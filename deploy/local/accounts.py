"""Under whom the launcher runs things when root started it: nothing that listens keeps its power.

PostgreSQL and the services get an account that every machine has. What lies where that account
cannot read, and the servers whose data are root's, run as root without any of root's capabilities.
"""

import os
import pwd
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.local.errors import CannotRun

SAME = "-"
"""The launcher's own account."""
POWERLESS = "="
"""The launcher's own account without capabilities, for good."""


def ordinary_account(names: Iterable[str] = ("postgres", "nobody")) -> str:
    """An account that is nobody's, if root asks; else the caller's own.

    Raises:
        CannotRun: root, and none of `names` exists.
    """
    if os.geteuid() != 0:
        return SAME
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    for account in names:
        if account in accounts:
            return account
    raise CannotRun(
        f"PostgreSQL does not run as root and there is no account {' or '.join(names)}: run as"
        " another user"
    )


def service_account(needed: Iterable[Path] | None = None) -> str:
    """`nobody` where it can read the code and its Python, as root; else root without power."""
    if os.geteuid() != 0:
        return SAME
    here = Path(__file__).resolve().parents[2]
    paths = needed or (here / "services", Path(sys.prefix) / "lib", Path(sys.executable).resolve())
    if not all(map(readable_by_all, paths)):
        return POWERLESS
    try:
        return ordinary_account(("nobody",))
    except CannotRun:
        return POWERLESS


def server_account() -> str:
    """Of servers whose data lie in the launcher's own folder."""
    return SAME if os.geteuid() != 0 else POWERLESS


def readable_by_all(path: Path) -> bool:
    """Whether any account can come to `path` and read it."""
    return (
        path.exists()
        and bool(path.stat().st_mode & stat.S_IROTH)
        and enterable_by_all(path if path.is_dir() else path.parent)
    )


def enterable_by_all(folder: Path) -> bool:
    """Whether any account can come to what lies in `folder`."""
    ways = (folder.resolve(), *folder.resolve().parents)
    return all(way.stat().st_mode & stat.S_IXOTH for way in ways)
