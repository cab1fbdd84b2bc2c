"""The supervisor: who restarts what dies, and whom `status` asks."""

import fcntl
import hashlib
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.environment import SERVER_PASSWORDS, Secrets
from deploy.local.errors import CannotRun
from deploy.local.exec_with_parent import LOCKED

LONGEST_SOCKET_PATH = 90
"""Linux allows 107 characters, and supervisord first binds a longer name of its own."""
LAUNCHER_ONLY = frozenset(
    {
        "SALES_POSTGRES_URL",
        *SERVER_PASSWORDS,
        *(f"SALES_{name.upper()}" for name in Secrets.__dataclass_fields__),
    }
)
START_RETRIES = 1_000_000
"""It never gives up. Each try waits a second longer than the one before: half a minute after eight
minutes, seven minutes after a day."""
END_SECONDS = 40
"""How long all programs together may take to end."""
NOT_STARTED = frozenset({"STOPPED", "EXITED", "FATAL", "UNKNOWN"})


@dataclass(frozen=True)
class Program:
    """A process to keep alive."""

    name: str
    command: list[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    stop_signal: str = "TERM"
    stops_after: int = 0
    """A supervisor that is told to end stops the lower numbers first."""


@dataclass(frozen=True)
class State:
    """What the supervisor knows of a program."""

    name: str
    state: str
    pid: int
    seconds: int
    restarts: int


class Supervisor:
    """One supervisord, whose files live in the given folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.log = self.logs / "supervisor.log"
        self.settings = folder / "supervisord.conf"
        self.alive = folder / "alive.lock"

    @property
    def socket(self) -> Path:
        """Beside the rest, unless the path is too long for a socket."""
        near = self.folder / "supervisor.sock"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
            return near
        mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"sales-launch-{os.geteuid()}-{mark}.sock"

    def running(self) -> bool:
        """Whether it is there and not about to end."""
        try:
            return bool(self._ask().getState()["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def start(self, programs: list[Program]) -> None:
        """Start it with `programs`, none of which runs yet.

        Raises:
            CannotRun: it did not come up.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        self.settings.touch(0o600)
        self.settings.write_text(self._configuration(programs))
        self.log.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.settings)]
        # What it knows, every process of it knows: the keys to everything stay with the launcher.
        environment = {
            name: value for name, value in os.environ.items() if name not in LAUNCHER_ONLY
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        until = time.monotonic() + 15
        while not self.running():
            if done.returncode or time.monotonic() > until:
                raise CannotRun(
                    f"the supervisor did not start: {(done.stdout + done.stderr).strip()[-200:]}",
                    self.log,
                )
            time.sleep(0.05)

    def begin(self, name: str) -> None:
        """Start a program that does not run; one that runs is left alone. One that would be tried
        again later is tried at once.
        """
        if self.states()[name].state == "BACKOFF":
            with suppress(xmlrpc.client.Fault):
                self._ask().stopProcess(name)
        if self.states()[name].state in NOT_STARTED:
            self._ask().startProcess(name, False)

    def stop(self, names: list[str]) -> None:
        """Stop the given programs together and wait until they are gone."""
        for name in names:
            try:
                self._ask().stopProcess(name, False)
            except xmlrpc.client.Fault:
                continue  # It was not running.
        until = time.monotonic() + 30
        while time.monotonic() < until and any(
            self.states()[name].state not in NOT_STARTED for name in names
        ):
            time.sleep(0.1)

    def shutdown(self) -> None:
        """End it and wait until it is gone; what it still runs is stopped first."""
        self._ask().shutdown()
        until = time.monotonic() + 40
        while self.running() or self.socket.exists():
            if time.monotonic() > until:
                raise CannotRun("the supervisor does not end", self.log)
            time.sleep(0.1)

    def leftovers(self) -> bool:
        """Whether programs of a supervisor that was killed, or is ending, still run."""
        with self.alive.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return self._answers()

    def await_end(self, seconds: float = END_SECONDS) -> None:
        """Wait until nothing of an earlier supervisor runs; what doesn't end by itself is killed.

        Raises:
            CannotRun: something outlives even that.
        """
        until, killed = time.monotonic() + seconds, False
        while self.leftovers():
            if time.monotonic() > until:
                left = holders(self.alive)
                if killed or not left:
                    raise CannotRun(
                        f"what was started before does not end (processes {left})", self.log
                    )
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                until, killed = time.monotonic() + 5, True
            time.sleep(0.1)

    def states(self) -> dict[str, State]:
        """What each program does now."""
        starts = self.log.read_text(errors="replace") if self.log.exists() else ""
        states = {}
        for entry in self._ask().getAllProcessInfo():
            name = entry["name"]
            spawned = len(re.findall(rf"spawned: '{re.escape(name)}' with pid", starts))
            seconds = entry["now"] - entry["start"] if entry["statename"] == "RUNNING" else 0
            states[name] = State(
                name, entry["statename"], entry["pid"], seconds, max(0, spawned - 1)
            )
        return states

    def log_of(self, name: str) -> Path:
        """Where the program writes."""
        return self.logs / f"{name}.log"

    def _answers(self) -> bool:
        try:
            self._ask().getState()
        except xmlrpc.client.Error:
            return True
        except OSError:
            return False
        return True

    def _ask(self) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def _configuration(self, programs: list[Program]) -> str:
        head = f"""[unix_http_server]
file={_plain(self.socket)}
chmod=0700

[supervisord]
logfile={_plain(self.log)}
logfile_maxbytes=0
pidfile={_plain(self.folder / "supervisord.pid")}
childlogdir={_plain(self.logs)}
nocleanup=true
minfds=1024

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
        return head + "".join(self._section(program) for program in programs)

    def _section(self, program: Program) -> str:
        variables = {**program.environment, LOCKED: str(self.alive)}
        environment = ",".join(f'{name}="{_plain(value)}"' for name, value in variables.items())
        return f"""
[program:{program.name}]
command={_plain(shlex.join(program.command))}
directory={_plain(program.folder)}
environment={environment}
autostart=false
autorestart=true
startsecs=1
startretries={START_RETRIES}
stopsignal={program.stop_signal}
priority={100 - program.stops_after}
stopwaitsecs=20
redirect_stderr=true
stdout_logfile={_plain(self.log_of(program.name))}
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""


def holders(file: Path) -> list[int]:
    """The processes that took a lock on `file`, as the kernel lists them; what they started is not
    among them.
    """
    status = file.stat()
    identity = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return []
    return sorted({int(row[4]) for row in rows if row[1] == "FLOCK" and row[5] == identity})


def _plain(value: object) -> str:
    """A value as it is: supervisord expands `%(name)s`."""
    return str(value).replace("%", "%%")
