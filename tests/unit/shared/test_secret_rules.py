"""Secrets that keep nobody out stop the start."""

import os
import subprocess
import sys
from typing import Any

import pytest

from deploy.environment import Installation, Secrets
from shared.bus.connection import KafkaConnection
from shared.secret_rules import UnsafeSecret, require_safe
from tests.support.servers import ROOT

GOOD = "3f1c9a0b7d5e2846" * 4


def refused(**secrets: str) -> str:
    with pytest.raises(UnsafeSecret) as caught:
        require_safe(secrets)
    text = str(caught.value)
    assert not any(value and value in text for value in secrets.values()), "tells the secret"
    return text


def test_good_secrets_are_let_through() -> None:
    secrets = Secrets.new()
    require_safe(secrets.as_environment())
    require_safe({"SALES_TOKEN_SECRET": f"{secrets.token_secret},{secrets.operator_key}"})
    require_safe({"SALES_REDIS_URL": "redis://redis:6379/0", "SALES_KAFKA_PASSWORD": "short-one"})


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("1", "fewer than 32 bytes"),
        (GOOD[:31], "fewer than 32 bytes"),
        (f"{GOOD},", "is empty"),
        (f"{GOOD},abc", "fewer than 32 bytes"),
        ("a" * 64, "can be guessed"),
        ("laptop-token-secret-of-at-least-32-bytes", "known to everybody"),
        ("Changeme-changeme-changeme-changeme-changeme", "known to everybody"),
    ],
)
def test_a_key_that_keeps_nobody_out_is_named(value: str, fault: str) -> None:
    text = refused(SALES_OPERATOR_KEY=value)
    assert text.startswith("SALES_OPERATOR_KEY ") and fault in text


@pytest.mark.parametrize("password", ["laptop-app", "", "changeme"])
def test_a_known_or_empty_password_in_an_address_is_refused(password: str) -> None:
    assert "SALES_DATABASE_URL" in refused(
        SALES_DATABASE_URL=f"postgresql://activities_app:{password}@db:5432/activities"
    )


def test_two_secrets_are_two() -> None:
    text = refused(SALES_TOKEN_SECRET=GOOD, SALES_OPERATOR_KEY=GOOD)
    assert "SALES_OPERATOR_KEY is the same as SALES_TOKEN_SECRET" in text


def start(**more: str) -> tuple[int, str]:
    """A gateway that comes no further than its own settings; its exit code and output."""
    installation = Installation(
        KafkaConnection("127.0.0.1:1"),
        "redis://127.0.0.1:1/0",
        "postgresql://postgres:x@127.0.0.1:1/postgres",
        Secrets.new(),
    )
    environment: dict[str, Any] = {**installation.service("gateway"), **more}
    done = subprocess.run(
        [sys.executable, "-m", "services.gateway.app"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, (done.stdout + done.stderr).strip()


def test_a_service_with_a_known_secret_does_not_start() -> None:
    code, output = start(SALES_OPERATOR_KEY="laptop-operator-key-of-at-least-32-bytes")
    assert (code, output.count("\n")) == (1, 0), output
    assert output.startswith("gateway: SALES_OPERATOR_KEY is known to everybody")


def test_a_service_does_not_start_as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("not root")
    code, output = start()
    assert (code, output) == (
        1,
        "gateway: a service does not run as root: start it under an account of its own",
    )
