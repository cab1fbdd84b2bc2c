"""What a supervisor leaves behind when it is killed is known for certain, and gone before anything
new starts.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.exec_with_parent import LOCKED
from deploy.local.servers import TIED
from deploy.local.supervise import Program, Supervisor, holders

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('there',"
    " flush=True); time.sleep(60)"
)


@contextmanager
def _program(supervisor: Supervisor, code: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-SE", str(TIED), "TERM", "-", sys.executable, "-c", code]
    with subprocess.Popen(
        command, env=os.environ | {LOCKED: str(supervisor.alive)}, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"there\n"
        yield process
        process.kill()


def test_a_program_is_left_over_for_as_long_as_it_lives(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    assert not supervisor.leftovers()
    with _program(supervisor, STUBBORN) as process:
        assert supervisor.leftovers()
        assert holders(supervisor.alive) == [process.pid]
        process.kill()
        process.wait()
        assert not supervisor.leftovers()
        assert holders(supervisor.alive) == []


def test_a_program_that_does_not_end_by_itself_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    with _program(supervisor, STUBBORN) as process:
        supervisor.await_end(seconds=0.2)
        assert process.wait(5) == -9


def test_a_programs_child_counts_too(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    sleep = (
        "import subprocess, sys; subprocess.Popen(['sleep', '1'], close_fds=False); print('there',"
        " flush=True)"
    )
    with _program(supervisor, sleep) as process:
        process.wait()
        assert supervisor.leftovers()
        supervisor.await_end(seconds=10)


def test_the_supervisor_never_gives_up(tmp_path: Path) -> None:
    program = Program("vip", [sys.executable, "-c", "pass"], tmp_path)
    configured = Supervisor(tmp_path)._configuration([program])
    (retries,) = re.findall(r"^startretries *= *(\d+)$", configured, re.MULTILINE)
    # Each try waits a second longer: eight minutes were over after thirty.
    assert int(retries) >= 10_000
    assert re.search(r"^autorestart *= *true$", configured, re.MULTILINE)
