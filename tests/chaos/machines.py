"""Machines of the cluster: a server that can be killed, paused and started again."""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy import ready
from deploy.kafka_settings import log_ins
from deploy.local import servers as local

SECONDS = 90


@dataclass(frozen=True)
class ManyDoors(local.Kafka):
    """A broker with a listener for each process, which tells that process to come through its own
    wire.
    """

    doors: Mapping[int, int] = field(kw_only=True)
    """Wire's port by listener's port."""

    def prepare(self) -> None:
        super().prepare()
        names = {f"D{number}": ports for number, ports in enumerate(self.doors.items())}
        own_listener = f"CLIENTS://{self.address}"
        listeners = [f"{name}://127.0.0.1:{own}" for name, (own, _) in names.items()]
        advertised = [f"{name}://127.0.0.1:{wire}" for name, (_, wire) in names.items()]
        settings = {
            "listeners": ",".join(
                [own_listener, f"CONTROLLER://127.0.0.1:{self.controller_port}", *listeners]
            ),
            "advertised.listeners": ",".join([own_listener, *advertised]),
            "listener.security.protocol.map": ",".join(
                f"{name}:SASL_PLAINTEXT" for name in ("CLIENTS", "CONTROLLER", *names)
            ),
            **log_ins(self.password, *(name.lower() for name in names)),
            "num.network.threads": 1,
        }
        properties = self.folder / "server.properties"
        kept = [
            line
            for line in properties.read_text().splitlines()
            if line.partition("=")[0] not in settings
        ]
        properties.write_text(
            "\n".join([*kept, *(f"{name}={value}" for name, value in settings.items())]) + "\n"
        )


class Machine:
    """A server of ours as a process that may be killed, paused and started again where it was."""

    def __init__(self, server: local.Server, log: Path) -> None:
        self.server, self.name, self._log = server, server.name, log
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        """Start it; only ever from the main thread, for it dies with the thread that started it."""
        self.server.prepare()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.server.command(), cwd="/", stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def wait_ready(self) -> None:
        await ready.wait(self.name, self.server.check, SECONDS)

    def send(self, number: signal.Signals) -> None:
        """To it and its children."""
        assert self._process
        for pid in (*children_of(self._process.pid), self._process.pid):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def kill(self) -> None:
        assert self._process
        self.send(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self.send(signal.SIGCONT)
        self._process.send_signal(signal.Signals[f"SIG{self.server.stop_signal}"])
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


def children_of(pid: int) -> list[int]:
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except OSError:
        return []
