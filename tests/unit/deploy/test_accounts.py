"""What root starts keeps nothing of root's power."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import accounts
from deploy.local.accounts import POWERLESS, SAME, readable_by_all, service_account
from deploy.local.servers import TIED

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")


@pytest.fixture
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that others can enter, if all above it can be entered."""
    folder = tmp_path_factory.mktemp("open")
    for place in (folder, *folder.parents[:-2]):
        if place.stat().st_uid == os.geteuid():
            place.chmod(0o755)
    return folder


def status_of(account: str) -> dict[str, str]:
    """What the kernel says of a process that was started under `account`."""
    command = [sys.executable, "-SE", str(TIED), "TERM", account, "/bin/cat", "/proc/self/status"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    return dict(line.split(":\t", 1) for line in done.stdout.splitlines() if ":\t" in line)


@as_root
def test_a_service_runs_under_an_account_of_nobody() -> None:
    status = status_of("nobody")
    assert "0" not in status["Uid"].split()
    assert (int(status["CapEff"], 16), status["NoNewPrivs"]) == (0, "1")


@as_root
def test_what_must_stay_root_has_no_capabilities() -> None:
    status = status_of(POWERLESS)
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"] == "1"


@as_root
def test_code_that_others_cannot_read_runs_without_power(open_folder: Path) -> None:
    code = open_folder / "code"
    code.mkdir(mode=0o755)
    code.chmod(0o755)
    assert service_account([code]) == "nobody"
    open_folder.chmod(0o700)
    assert service_account([code]) == POWERLESS


def test_who_is_not_root_stays_who_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert (service_account(), accounts.server_account()) == (SAME, SAME)
    assert accounts.ordinary_account() == SAME


def test_readable_means_readable_all_the_way(open_folder: Path) -> None:
    secret = open_folder / "file"
    secret.write_text("")
    secret.chmod(0o604)
    assert readable_by_all(secret)
    secret.chmod(0o600)
    assert not readable_by_all(secret)
    assert not readable_by_all(open_folder / "missing")
