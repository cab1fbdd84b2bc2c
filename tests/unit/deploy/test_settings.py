"""A set-up goes on with the ports, servers and namespace it was started with, whatever the next
terminal's environment lacks.
"""

from pathlib import Path

import pytest

from deploy.local.errors import CannotRun
from deploy.local.settings import (
    Settings,
    Setup,
    postgres_folder,
    remove_data,
    require_secrets_of_data,
    secret_words,
)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "SALES_VIP_PORT",
        "SALES_KAFKA",
        "SALES_POSTGRES_URL",
        "SALES_REDIS_URL",
        "SALES_NAMESPACE",
        "SALES_SUPERUSER_PASSWORD",
        "SALES_KAFKA_PROTOCOL",
        "SALES_KAFKA_MECHANISM",
        "SALES_KAFKA_USER",
        "SALES_KAFKA_PASSWORD",
        "SALES_KAFKA_CA_FILE",
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


def test_data_without_their_secrets_are_told_at_once(tmp_path: Path) -> None:
    """A clone was removed and cloned again to the same path: root's data lie elsewhere."""
    folder = tmp_path / ".run"
    folder.mkdir()
    data = postgres_folder(folder) / "data"
    try:
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("18")
        with pytest.raises(CannotRun, match="whose passwords are gone: `make reset` removes them"):
            Setup.of(Settings.read(folder), folder)
        with pytest.raises(CannotRun):
            require_secrets_of_data(folder)
        remove_data(folder)
        require_secrets_of_data(folder)
        secret_words(folder)
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("18")
        require_secrets_of_data(folder)
    finally:
        remove_data(folder)


def test_a_kafka_of_others_is_reached_as_it_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as terminal:
        terminal.setenv("SALES_KAFKA", "kafka.example:9093")
        terminal.setenv("SALES_KAFKA_PROTOCOL", "SASL_SSL")
        terminal.setenv("SALES_KAFKA_USER", "root")
        terminal.setenv("SALES_KAFKA_PASSWORD", "theirs")
        settings = Settings.read(tmp_path)
        settings.write(tmp_path)
        Setup.of(settings, tmp_path)
    again = Setup.of(Settings.read(tmp_path), tmp_path).installation
    assert (again.kafka.user, again.kafka.password, again.kafka.protocol) == (
        "root",
        "theirs",
        "SASL_SSL",
    )
    vip = again.kafka_of("vip")
    assert (vip.user, vip.mechanism, vip.protocol) == ("vip", "SCRAM-SHA-512", "SASL_SSL")
    assert vip.password != again.kafka_of("gateway").password


def test_a_log_in_that_makes_no_sense_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALES_KAFKA", "kafka.example:9093")
    monkeypatch.setenv("SALES_KAFKA_PROTOCOL", "SASL")
    with pytest.raises(CannotRun, match="SALES_KAFKA_PROTOCOL is one of"):
        Setup.of(Settings.read(tmp_path), tmp_path)
