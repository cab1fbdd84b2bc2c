"""Files of others are those that the manifests name, with their licences."""

from hashlib import sha256
from pathlib import Path

import pytest

from deploy.vendor import MANIFESTS, VendoredPackage, read_manifest

PACKAGES = [package for manifest in MANIFESTS for package in read_manifest(manifest)]


def _differences(packages: list[VendoredPackage], vendor: Path) -> set[tuple[str, str]]:
    """Files and sums that only one side has."""
    expected = {
        (f"{package.folder}/{name}", digest)
        for package in packages
        for name, digest in package.sha256.items()
    }
    files = [path for path in vendor.rglob("*") if path.is_file()]
    return expected ^ {
        (str(path.relative_to(vendor)), sha256(path.read_bytes()).hexdigest()) for path in files
    }


@pytest.mark.parametrize(("manifest", "folder"), MANIFESTS.items(), ids=["served", "of tests"])
def test_vendored_files_are_those_that_the_manifest_names(manifest: Path, folder: Path) -> None:
    assert _differences(read_manifest(manifest), folder) == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_vendored_package_carries_its_licence(package: VendoredPackage) -> None:
    assert package.licence and package.version
    assert any(name.upper().startswith("LICENSE") for name in package.sha256)


def test_a_changed_a_missing_and_an_unnamed_file_are_noticed(tmp_path: Path) -> None:
    digest = sha256(b"ours").hexdigest()
    package = VendoredPackage("lib", "1.0", "MIT", "lib", {"LICENSE": digest, "lib.js": digest})
    folder = tmp_path / "lib"
    folder.mkdir()
    for name in ("LICENSE", "lib.js"):
        (folder / name).write_bytes(b"ours")
    assert _differences([package], tmp_path) == set()
    (folder / "lib.js").write_bytes(b"changed")
    assert {name for name, _ in _differences([package], tmp_path)} == {"lib/lib.js"}
    (folder / "lib.js").unlink()
    assert _differences([package], tmp_path) == {("lib/lib.js", digest)}
    (folder / "lib.js").write_bytes(b"ours")
    (folder / "unnamed.js").write_bytes(b"ours")
    assert _differences([package], tmp_path) == {("lib/unnamed.js", digest)}
