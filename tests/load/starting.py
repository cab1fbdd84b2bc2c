"""From `make up` to ready, in a clone of what is committed: with nothing but Python, after `make
down`, and where everything runs.

Beside the whole stands how long each step took, as `make up` itself says it.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.environment import PORTS
from deploy.local.settings import SERVER_PORTS
from tests.load.measuring import Figure
from tests.load.stage import ROOT
from tests.support.servers import free_ports

# Where a machine may say from where packages come; caches are not taken along.
SETTINGS = (
    ".config/pip/pip.conf",
    ".pip/pip.conf",
    ".config/uv/uv.toml",
    ".jgorc",
    ".config/jgo.conf",
    ".netrc",
)
STEPS = {
    "servers": "is ready on port",
    "schemas": "schemas are in place",
    "services": "is ready at",
    "demo": "demo tenant is loaded",
}
_STEP = re.compile(r"^\s*([\d.]+) s  (.*[^…])$", re.MULTILINE)


@dataclass(frozen=True)
class Start:
    """Seconds of a `make up`, and since its beginning those at which its steps were done."""

    seconds: float
    steps: dict[str, float]

    @property
    def note(self) -> str:
        """What each step took; the environment's is what came before the first of them."""
        return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.steps.items())


def measure() -> list[Figure]:
    """Cold: no environment, no servers, no data, no demo tenant, and nothing in any cache of ours,
    pip's, uv's or Maven's.
    """
    with tempfile.TemporaryDirectory() as folder:
        # PostgreSQL's account must reach its data.
        Path(folder).chmod(0o711)
        copy = Path(folder) / "copy"
        subprocess.run(
            ["git", "clone", "-q", "--depth", "1", f"file://{ROOT}", str(copy)], check=True
        )
        environment = _environment(Path(folder))
        try:
            cold = _up(copy, environment)
            _make(copy, "down", environment)
            warm = _up(copy, environment)
            again = _up(copy, environment)
        finally:
            _make(copy, "down", environment)
    return [
        Figure(
            "`make up` to ready, cold: everything downloaded", "s", [cold.seconds], note=cold.note
        ),
        Figure("`make up` to ready, warm: after `make down`", "s", [warm.seconds], note=warm.note),
        Figure("`make up` where everything runs", "s", [again.seconds]),
    ]


def _environment(folder: Path) -> dict[str, str]:
    """Ports of its own, a home with nothing but settings in it, and caches that are empty."""
    home = folder / "home"
    for name in SETTINGS:
        if (cache := Path.home() / name).exists():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(cache, home / name)
    home.mkdir(exist_ok=True)
    names = [*SERVER_PORTS, *PORTS]
    own = {
        f"SALES_{name.upper()}_PORT": str(port)
        for name, port in zip(names, free_ports(len(names)), strict=True)
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SALES_", "VIRTUAL_ENV", "XDG_"))
    }
    caches = {
        name: value for name, value in kept.items() if name in ("PIP_CACHE_DIR", "UV_CACHE_DIR")
    }
    return {
        **kept,
        **dict.fromkeys(caches, str(home / "cache")),
        **own,
        "HOME": str(home),
        "SALES_CACHE_DIR": str(folder / "cache"),
    }


def _up(copy: Path, environment: dict[str, str]) -> Start:
    began = time.monotonic()
    output = _make(copy, "up", environment)
    return _read(output, time.monotonic() - began)


def _read(output: str, seconds: float) -> Start:
    steps_printed = [(float(at), text) for at, text in _STEP.findall(output)]
    # The launcher's clock starts when the environment is there.
    before = seconds - max((at for at, _ in steps_printed), default=seconds)
    steps, last = {"environment": before}, 0.0
    for name, mark in STEPS.items():
        if done := [at for at, text in steps_printed if mark in text]:
            steps[name], last = done[-1] - last, done[-1]
    return Start(seconds, steps if steps_printed else {})


def _make(copy: Path, target: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["make", target], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"make {target}: {(done.stdout + done.stderr)[-2000:]}"
    return done.stdout
