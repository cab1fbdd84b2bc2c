"""Make `.venv` as uv.lock says, with nothing but the standard library of whatever `python3` there is.

    python3 deploy/bootstrap.py [GROUP...]      # without groups: all of them; `-` means none

Packages come from the index this machine is set up with: pip's own settings are handed on to uv.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
UV = "uv>=0.9,<1"
NEEDED_MB = 1500
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".installed")
RUN = os.path.join(ROOT, ".run")
LOG = os.path.join(RUN, "logs", "bootstrap.log")
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
    "timeout",
    "dns",
    "unreachable",
    "network",
    "proxy",
    "certificate",
    "no matching distribution",
)


def main(groups):
    """Return when `.venv` is as the lock says; at once when it already is."""
    if sys.version_info < OLDEST:
        use_newer_python()
    stamp = fingerprint(groups)
    if read(STAMP) == stamp and os.path.exists(PYTHON):
        return
    os.makedirs(os.path.dirname(LOG), exist_ok=True)
    os.chmod(RUN, 0o700)
    with open(os.path.join(RUN, "bootstrap.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if read(STAMP) != stamp:
            install(groups)
            with open(STAMP, "w") as file:
                file.write(stamp)


def use_newer_python():
    """Become a Python that is new enough, if this machine has one under its usual name."""
    which = getattr(shutil, "which", lambda name: None)  # Python 2 has none
    for minor in (14, 13, 12, 11):
        newer = which("python3.%d" % minor)  # noqa: UP031  # old Pythons read this too
        if newer:
            os.execv(newer, [newer] + sys.argv)  # noqa: RUF005
    stop("Python %d.%d or newer is needed, this is %s (%s)" % (OLDEST + (sys.version.split()[0], sys.executable)), log=False)  # noqa: RUF005, UP031


def fingerprint(groups):
    """What must not have changed for `.venv` to be up to date."""
    with open(os.path.join(ROOT, "uv.lock"), "rb") as lock:
        content = lock.read()
    words = [os.path.realpath(sys.executable), sys.version] + sorted(groups)
    return hashlib.sha256(content + "\n".join(words).encode()).hexdigest()


def install(groups):
    """Make `.venv` and put exactly the locked packages into it."""
    free = shutil.disk_usage(ROOT).free >> 20
    if free < NEEDED_MB:
        stop("not enough disk: %s has %d MB free, %d MB are needed" % (ROOT, free, NEEDED_MB), log=False)  # noqa: UP031
    open(LOG, "w").close()
    say("setting up .venv (the first time takes about a minute)")
    make_venv()
    environment = settings()
    uv = os.path.join(VENV, "bin", "uv")
    if not os.path.exists(uv):
        run(
            [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2", UV],
            environment,
            "uv could not be installed",
        )
    chosen = ["--all-groups"] if not groups else ["--no-default-groups"] + ["--group=" + name for name in groups if name != "-"]
    listed = os.path.join(RUN, "requirements.txt")
    export = [uv, "export", "--frozen", "--no-header", "--no-emit-project", "--quiet", "--output-file", listed]
    run(export + chosen, environment, "uv.lock could not be read")
    say("installing the locked packages")
    sync = [uv, "pip", "sync", "--python", PYTHON, "--require-hashes", listed]
    run(sync, environment, "packages could not be installed")
    say("the environment is ready")


def make_venv():
    """A `.venv` of this Python with pip in it."""
    if (
        os.path.exists(PYTHON)
        and subprocess.call([PYTHON, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    ):
        version = subprocess.check_output([PYTHON, "-c", "import sys; print(sys.version)"]).decode().strip()
        if version == sys.version.strip():
            return
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    run(command, dict(os.environ), "no environment could be made (on Debian and Ubuntu the package python3-venv is missing)")


def settings():
    """The environment for pip and uv: where pip is told to look, uv looks too."""
    environment = dict(os.environ)
    home = environment.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        environment["HOME"] = os.path.join(RUN, "home")
        os.makedirs(environment["HOME"], exist_ok=True)
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    listed = subprocess.run([PYTHON, "-m", "pip", "config", "list"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in listed.stdout.decode(errors="replace").splitlines():
        name, _, value = line.partition("=")
        variable = SETTINGS.get(name.rpartition(".")[2])
        words = value.strip("'\"").replace("\\n", " ").split()
        if variable and words and variable not in os.environ:
            environment[variable] = ("," if variable == "UV_FIND_LINKS" else " ").join(words)
    return environment


def run(command, environment, failure):
    """Run a command with its output in the log; end with one line when it fails."""
    with open(LOG, "a") as log:
        log.write("$ " + " ".join(command) + "\n")
        log.flush()
        code = subprocess.call(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    if code:
        lines = [line.strip() for line in read(LOG).splitlines() if line.strip() and not line.startswith("$ ")]
        text = " ".join(lines[-12:]).lower()
        if "pip" in command and any(word in text for word in NETWORK):
            failure += ": the package index cannot be reached (no network, or a proxy or certificate is missing)"
        elif "no space" in text:
            failure += ": the disk is full"
        elif lines:
            failure += ": " + lines[-1][:160]
        stop(failure)


def read(path):
    """The text of a file, or nothing."""
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def say(text):
    """A line of progress, at once."""
    print("bootstrap: " + text)
    sys.stdout.flush()


def stop(reason, log=True):
    """End with one line."""
    sys.exit("bootstrap: " + reason + (" (log: " + LOG + ")" if log else ""))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        stop("{}: {}".format(error.strerror or error, error.filename or ""), log=False)
    except KeyboardInterrupt:
        stop("interrupted; run it again to go on", log=False)
