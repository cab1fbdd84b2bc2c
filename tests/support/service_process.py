"""A process of a service, as the launcher starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from deploy.environment import Installation
from deploy.local import servers as local
from tests.support.servers import ROOT, free_ports

LAPTOP = {"PYTHONUNBUFFERED": "1", "SALES_LAPTOP": "1"}
"""Of every process; tests may run as root."""


# A test sends what a hundred people would, from one address.
UNLIMITED = {f"SALES_{what}_UNITS_PER_SECOND": "1e6" for what in ("CALLER", "TENANT", "ADDRESS")}


class Service:
    """One service as a real process; start it as often as needed, each start continues its log."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        self.environment = dict(environment)
        self.url = f"http://{self.environment['SALES_HOST']}:{self.environment['SALES_PORT']}"
        self.program = ["-m", f"services.{name}.app"]
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def of(
        cls,
        installation: Installation,
        name: str,
        folder: Path,
        *,
        port: int | None = None,
        **more: str,
    ) -> Self:
        """A process of service `name`.

        `port` for a second replica; `more` are further variables, as SALES_PARTS="api".
        """
        environment = installation.service(name) | ({"SALES_PORT": str(port)} if port else {})
        if name == "gateway":
            environment |= UNLIMITED
            if port:
                environment |= {"SALES_INTERNAL_PORT": str(free_ports(1)[0])}
        environment |= more
        return cls(name, environment, folder / f"{name}-{environment['SALES_PORT']}.log")

    @property
    def internal_url(self) -> str:
        """Where it shows its metrics and its health."""
        own = self.environment
        return f"http://{own['SALES_HOST']}:{own.get('SALES_INTERNAL_PORT', own['SALES_PORT'])}"

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether its process is there, ready or not."""
        return self._process is not None and self._process.poll() is None

    def start(self, seconds: float = 60) -> Self:
        """Start it and wait until it is ready.

        Raises:
            AssertionError: it ended or was not ready in time; carries the end of its log.
        """
        self.spawn()
        self.wait_ready(seconds)
        return self

    def spawn(self) -> Self:
        """Start it without waiting.

        Raises `AssertionError` where another process answers at its port: tests would ask that one.
        """
        assert not self._is_answered(), f"{self.name}: another process is at {self.url}"
        with self.log.open("ab") as output:
            command = [
                sys.executable,
                "-SE",
                str(local.TIED),
                "TERM",
                "-",
                sys.executable,
                *self.program,
            ]
            environment = _without_settings() | LAPTOP | self.environment
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        return self

    def wait_ready(self, seconds: float = 60) -> None:
        """Wait until `/health/ready` answers 200."""
        until = time.monotonic() + seconds
        while not self.is_ready():
            assert self._process is not None and self._process.poll() is None, (
                f"{self.name} ended: {self.tail()}"
            )
            assert time.monotonic() < until, (
                f"{self.name} is not ready after {seconds} s: {self.tail()}"
            )
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Whether it takes work right now."""
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{self.url}/health/ready", timeout=3
            ) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _is_answered(self) -> bool:
        address = (self.environment["SALES_HOST"], int(self.environment["SALES_PORT"]))
        with socket.socket() as probe:
            return probe.connect_ex(address) == 0

    def send(self, number: signal.Signals) -> None:
        """Send it a signal: SIGKILL, SIGSTOP, SIGCONT."""
        os.kill(self.pid, number)

    def stop(self, seconds: float = 30) -> int:
        """Ask it to end and wait; its exit code. It is killed if it does not."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it without a chance to finish anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 30) -> str:
        """The end of its log."""
        return (
            "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
            if self.log.exists()
            else ""
        )


def _without_settings() -> dict[str, str]:
    """Our environment without what belongs to another set-up of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SALES_")}
