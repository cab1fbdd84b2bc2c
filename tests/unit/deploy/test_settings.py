"""A set-up goes on with the ports, servers and namespace it was started with, whatever the next
terminal's environment lacks.
"""

from pathlib import Path

import pytest

from deploy.local.errors import CannotRun
from deploy.local.settings import Settings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "SALES_VIP_PORT",
        "SALES_KAFKA",
        "SALES_POSTGRES_URL",
        "SALES_REDIS_URL",
        "SALES_NAMESPACE",
    ):
        monkeypatch.delenv(name, raising=False)


def test_what_the_environment_named_once_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as terminal:
        terminal.setenv("SALES_VIP_PORT", "9082")
        terminal.setenv("SALES_KAFKA", "kafka.example:9092")
        terminal.setenv("SALES_NAMESPACE", "second_")
        first = Settings.read(tmp_path)
        first.write(tmp_path)
    assert first.ports["vip"] == 9082
    assert first.external == {"kafka": "kafka.example:9092"}
    assert first.namespace == "second_"
    assert Settings.read(tmp_path) == first


def test_the_environment_comes_before_what_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Settings.read(tmp_path).write(tmp_path)
    monkeypatch.setenv("SALES_VIP_PORT", "9083")
    assert Settings.read(tmp_path).ports["vip"] == 9083


@pytest.mark.parametrize("value", ["abc", "0", "65536", "-1"])
def test_what_is_not_a_port_is_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SALES_VIP_PORT", value)
    with pytest.raises(CannotRun, match=f"SALES_VIP_PORT={value} is not a port"):
        Settings.read(tmp_path)
