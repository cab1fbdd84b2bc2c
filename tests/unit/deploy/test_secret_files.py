"""Under Docker each container gets its own secrets, made once, and gives up what it can."""

from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from deploy.environment import SERVICES
from deploy.secret_files import files, master_words
from tests.support.servers import ROOT


@pytest.fixture
def words(tmp_path: Path) -> dict[str, str]:
    return master_words(tmp_path / "secrets.env", {})


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return described["services"]  # type: ignore[no-any-return]


def test_secrets_are_made_once_and_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "master" / "secrets.env"
    first = master_words(path, {})
    assert master_words(path, {}) == first and min(map(len, first.values())) == 64
    named = master_words(path, {"SALES_TOKEN_SECRET": "n" * 40, "SALES_KAFKA_SECRET": ""})
    assert named == first | {"SALES_TOKEN_SECRET": "n" * 40}
    assert master_words(path, {}) == named
    assert master_words(tmp_path / "other" / "secrets.env", {}) != first


def test_no_service_learns_what_others_secrets_are_made_from(words: dict[str, str]) -> None:
    written = files(words, {})
    shared = {
        "SALES_TOKEN_SECRET",
        "SALES_OPERATOR_KEY",
        "SALES_ENCRYPTION_KEYS",
        "SALES_VAPID_SECRET",
        "SALES_REDIS_PASSWORD",
    }
    for name in SERVICES:
        text = written[f"{name}/env"]
        known = {word for word, value in words.items() if value in text}
        assert known <= (shared if name == "gateway" else set()), name
        own = dict(line.split("=", 1) for line in text.splitlines())
        for other in set(SERVICES) - {name}:
            theirs = dict(line.split("=", 1) for line in written[f"{other}/env"].splitlines())
            for secret in ("DATABASE_URL", "WORKER_DATABASE_URL", "INTERNAL_KEY", "KAFKA_PASSWORD"):
                assert own[f"SALES_{secret}"] != theirs[f"SALES_{secret}"]


def test_the_repository_holds_no_secret(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert "laptop-" not in text
    for service in compose.values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("PASSWORD", "SECRET", "KEY")):
                assert str(value).endswith(":-}") or name.endswith("_FILE"), name


def test_every_container_gives_up_what_it_does_not_need(compose: dict[str, Any]) -> None:
    for name, service in compose.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert name in ("secrets", "postgres") or "cap_add" not in service, name
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), name


def test_each_container_sees_its_own_secrets_alone(compose: dict[str, Any]) -> None:
    for name, service in compose.items():
        mounted = [
            volume.partition(":")[0]
            for volume in service.get("volumes", ())
            if volume.startswith("secrets-")
        ]
        if name != "secrets":
            assert mounted == [f"secrets-{name}"], name
            assert f"secrets-{name}:/secrets/{name}" in compose["secrets"]["volumes"]
