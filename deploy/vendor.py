"""`python -m deploy.vendor`: fetch the scripts and styles of others that the manifests name, those
that we serve and those of our tests.

To raise a version: write it there, run this, and put the sums that it tells in place of the old.
"""

import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from deploy.local import npm
from deploy.local.errors import CannotRun

ROOT = Path(__file__).resolve().parents[1]
MANIFESTS = {
    ROOT / "services/gateway/web/vendor.toml": ROOT / "services/gateway/web/static/vendor",
    ROOT / "tests/web/vendor.toml": ROOT / "tests/web/vendor",
}
"""Where each manifest's files are."""


@dataclass(frozen=True)
class VendoredPackage:
    """An npm package and the files of it that are kept unchanged: sums by name in `folder`."""

    name: str
    version: str
    licence: str
    folder: str
    sha256: Mapping[str, str]


def read_manifest(path: Path) -> list[VendoredPackage]:
    """The packages that are vendored."""
    packages = tomllib.loads(path.read_text())["package"]
    return [VendoredPackage(**package) for package in packages]


def fetch(package: VendoredPackage, into: Path) -> list[str]:
    """Writes the package's files below `into`; in words, which have another sum than expected.

    Raises:
        CannotRun: the registry cannot be reached, or a file is not in the package.
    """
    with tempfile.TemporaryDirectory() as scratch:
        tarball = npm.fetch(package.name, package.version, Path(scratch))
        contents = npm.read_files(tarball, package.sha256)
    folder, changes = into / package.folder, []
    for name, content in contents.items():
        path, digest = folder / name, sha256(content).hexdigest()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if digest != package.sha256[name]:
            changes.append(f'{package.folder}: "{name}" = "{digest}"')
    return changes


def main() -> int:
    """Exit code 1 where a file is not the one of vendor.toml, or cannot be fetched."""
    try:
        changes = [
            change
            for manifest, folder in MANIFESTS.items()
            for package in read_manifest(manifest)
            for change in fetch(package, folder)
        ]
    except CannotRun as cause:
        print(f"vendor: {cause}", file=sys.stderr)
        return 1
    if changes:
        print("vendor: other sums than in the manifests:", *changes, sep="\n", file=sys.stderr)
    return 1 if changes else 0


if __name__ == "__main__":
    raise SystemExit(main())
