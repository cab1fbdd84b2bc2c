"""Make `.venv` as uv.lock says, with nothing but the standard library of whatever `python3` there
is.

    python3 deploy/bootstrap.py [GROUP...]      # without groups: all of them; `-` means none

Packages come from the index this machine is set up with: pip's own settings are handed on to uv.
Written so that any Python 3.6 can read it, and say that it is too old.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OLDEST = (3, 11)
UV = "uv>=0.9,<1"
NEEDED_MB = 2000
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
RUN = ROOT / ".run"
LOG = RUN / "logs" / "bootstrap.log"
# What pip calls it, and what uv calls it.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
NETWORK = (
    "connect",
    "resolve",
    "timed out",
    "dns error",
    "unreachable",
    "proxy",
    "certificate",
    "no matching distribution",
)


def main(groups: "list[str]") -> None:
    """Return when `.venv` is as the lock says; at once when it already is."""
    if sys.version_info < OLDEST:
        use_newer_python()
    stamp = fingerprint(groups)
    if read(STAMP) == stamp and PYTHON.exists():
        return
    LOG.parent.mkdir(parents=True, exist_ok=True)
    RUN.chmod(0o700)
    with (RUN / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if read(STAMP) != stamp:
            install(groups)
            STAMP.write_text(stamp)


def use_newer_python() -> None:
    """Become a Python that is new enough, if this machine has one under its usual name."""
    for minor in (14, 13, 12, 11):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    version = sys.version.split()[0]
    stop(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {version} ({sys.executable})")


def fingerprint(groups: "list[str]") -> str:
    """What must not have changed for `.venv` to be up to date."""
    words = "\n".join([os.path.realpath(sys.executable), sys.version, *sorted(groups)])
    return hashlib.sha256((ROOT / "uv.lock").read_bytes() + words.encode()).hexdigest()


def install(groups: "list[str]") -> None:
    """Make `.venv` and put exactly the locked packages into it."""
    free = shutil.disk_usage(str(ROOT)).free >> 20
    if free < NEEDED_MB:
        stop(f"not enough disk: {ROOT} has {free} MB free, {NEEDED_MB} MB are needed")
    LOG.write_text("")
    say("setting up .venv (the first time takes about a minute)")
    make_venv()
    environment = settings()
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        pip = [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--retries",
            "2",
            UV,
        ]
        run(pip, environment, "uv could not be installed")
    chosen = (
        ["--all-groups"]
        if not groups
        else ["--no-default-groups", *("--group=" + name for name in groups if name != "-")]
    )
    listed = RUN / "requirements.txt"
    export = [
        uv,
        "export",
        "--frozen",
        "--no-header",
        "--no-emit-project",
        "--quiet",
        "--output-file",
        listed,
    ]
    run(export + chosen, environment, "uv.lock could not be read")
    say("installing the locked packages")
    run(
        [uv, "pip", "sync", "--python", PYTHON, "--require-hashes", listed],
        environment,
        "packages could not be installed",
    )
    say("the environment is ready")


def make_venv() -> None:
    """A `.venv` of this Python with pip in it."""
    probe = [str(PYTHON), "-c", "import pip, sys; print(sys.version)"]
    if PYTHON.exists():
        probed = subprocess.run(probe, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if probed.returncode == 0 and probed.stdout.decode().strip() == sys.version.strip():
            return
    failure = (
        "no environment could be made (on Debian and Ubuntu: is the package python3-venv there?)"
    )
    run([sys.executable, "-m", "venv", "--clear", VENV], dict(os.environ), failure)


def settings() -> "dict[str, str]":
    """The environment for pip and uv: where pip is told to look, uv looks too."""
    environment = dict(os.environ)
    home = environment.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        environment["HOME"] = str(RUN / "home")
        (RUN / "home").mkdir(exist_ok=True)
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    listed = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    for line in listed.stdout.decode(errors="replace").splitlines():
        name, _, value = line.partition("=")
        variable = SETTINGS.get(name.rpartition(".")[2])
        words = value.strip("'\"").replace("\\n", " ").split()
        if variable and words and variable not in os.environ:
            environment[variable] = ("," if variable == "UV_FIND_LINKS" else " ").join(words)
    return environment


def run(command: "Sequence[object]", environment: "dict[str, str]", failure: str) -> None:
    """Run a command with its output in the log; end with one line when it fails."""
    words = [str(word) for word in command]
    with LOG.open("a") as log:
        log.write("$ " + " ".join(words) + "\n")
        log.flush()
        code = subprocess.call(
            words,
            env=environment,
            cwd=str(ROOT),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    if code:
        stop(failure + cause("pip" in words))


def cause(network_needed: bool) -> str:
    """Why the last command failed, as far as its log tells."""
    lines = [
        line.strip()
        for line in read(LOG).splitlines()
        if line.strip() and not line.startswith("$ ")
    ]
    text = " ".join(lines[-12:]).lower()
    if "no space" in text:
        return ": the disk is full"
    if network_needed and any(word in text for word in NETWORK):
        return (
            ": the package index cannot be reached (no network, or a proxy or certificate is"
            " missing)"
        )
    return f": {lines[-1][:160]}" if lines else ""


def read(path: Path) -> str:
    """The text of a file, or nothing."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def say(text: str) -> None:
    """A line of progress, at once."""
    print("bootstrap: " + text)
    sys.stdout.flush()


def stop(reason: str) -> None:
    """End with one line, that names the log unless even that could not be written."""
    try:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        RUN.chmod(0o700)
        with LOG.open("a") as log:
            log.write(reason + "\n")
    except OSError:
        sys.exit("bootstrap: " + reason)
    sys.exit(f"bootstrap: {reason} (log: {LOG})")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        stop(f"{error.strerror or error}: {error.filename or ''}")
    except KeyboardInterrupt:
        sys.exit("bootstrap: interrupted; run it again to go on")
