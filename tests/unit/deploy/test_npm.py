"""Packages of the npm registry: which settings npm gets, which files are taken."""

import io
import tarfile
from pathlib import Path

import pytest

from deploy.local import npm
from deploy.local.errors import CannotRun


def _tarball(folder: Path, *paths: str) -> Path:
    tarball = folder / "package-1.0.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        for path in paths:
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(path)
            archive.addfile(member, io.BytesIO(path.encode()))
    return tarball


def test_a_file_is_taken_from_its_least_deep_place(tmp_path: Path) -> None:
    tarball = _tarball(tmp_path, "src/deep/lib.js", "dist/lib.js", "LICENSE", "other/my-lib.js")
    files = npm.read_files(tarball, ["lib.js", "LICENSE", "deep/lib.js"])
    assert files == {
        "lib.js": b"dist/lib.js",
        "LICENSE": b"LICENSE",
        "deep/lib.js": b"src/deep/lib.js",
    }


def test_a_file_that_a_package_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"package-1\.0\.tgz has no file lib\.js"):
        npm.read_files(_tarball(tmp_path, "dist/other.js"), ["lib.js"])


def test_npm_gets_a_home_where_there_is_none(tmp_path: Path) -> None:
    home = npm.settings({}, tmp_path)["HOME"]
    assert home == str(tmp_path)
    assert npm.settings({"HOME": "/nonexistent"}, tmp_path)["HOME"] == home
    other = tmp_path / "own"
    other.mkdir()
    assert npm.settings({"HOME": str(other)}, tmp_path)["HOME"] == str(other)


def test_npm_reads_the_machines_settings_unless_others_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "npmrc"
    monkeypatch.setattr(npm, "MACHINE_SETTINGS", machine)
    assert "npm_config_globalconfig" not in npm.settings({}, tmp_path)
    machine.touch()
    assert npm.settings({}, tmp_path)["npm_config_globalconfig"] == str(machine)
    named = {"NPM_CONFIG_GLOBALCONFIG": "/own/npmrc"}
    assert "npm_config_globalconfig" not in npm.settings(named, tmp_path)
