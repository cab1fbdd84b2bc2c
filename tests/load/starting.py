"""From `make up` to ready, in a copy of the tree: with nothing but Python, again from caches, and with everything in place."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from deploy.environment import PORTS
from deploy.local.settings import SERVER_PORTS
from tests.load.measuring import Figure
from tests.load.stage import ROOT
from tests.servers import free_ports


def measure() -> list[Figure]:
    """Cold: no environment, no servers' data, no demo tenant; packages come from this machine's caches where it has them."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{ROOT}", str(copy)], check=True)
        # PostgreSQL's account must reach its data.
        Path(folder).chmod(0o711)
        names = [*SERVER_PORTS, *PORTS]
        own = {f"SALES_{name.upper()}_PORT": str(port) for name, port in zip(names, free_ports(len(names)), strict=True)}
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("SALES_", "VIRTUAL_ENV"))} | own
        try:
            cold = _up(copy, environment)
            _make(copy, "down", environment)
            warm = _up(copy, environment)
            again = _up(copy, environment)
        finally:
            _make(copy, "down", environment)
    return [
        Figure("`make up` to ready, cold", "s", [cold], note="environment made, data and demo tenant made"),
        Figure("`make up` to ready, warm", "s", [warm], note="after `make down`"),
        Figure("`make up` where everything runs", "s", [again]),
    ]


def _up(copy: Path, environment: dict[str, str]) -> float:
    began = time.monotonic()
    _make(copy, "up", environment)
    return time.monotonic() - began


def _make(copy: Path, target: str, environment: dict[str, str]) -> None:
    done = subprocess.run(["make", target], cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"make {target}: {(done.stdout + done.stderr)[-2000:]}"
