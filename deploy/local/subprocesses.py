"""Our own programs that the launcher runs to their end."""

import os
import re
import subprocess
import sys
from pathlib import Path

from deploy.local.errors import CannotRun
from deploy.local.progress import Progress
from deploy.local.readiness import last_words
from deploy.local.settings import ROOT


def run_to_end(
    words: list[str], environment: dict[str, str], folder: Path, progress: Progress, failure: str
) -> None:
    """Run one of our own programs to its end, its output in a log."""
    name = words[0].rpartition(".")[2]
    log = folder / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output, progress.still(f"{name} is at work"):
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        raise CannotRun(f"{failure}: {re.sub(rf'^{name}: ', '', last_words(log))}", log)
