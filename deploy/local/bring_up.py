"""From nothing, or from anything in between, to a product that answers."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.local import packages
from deploy.local.errors import CannotRun
from deploy.local.servers import Server
from deploy.local.settings import ROOT, Settings, Setup, remembered
from deploy.local.supervise import Program, Supervisor

NEEDED_BYTES = 1 << 30
SERVER_SECONDS = 120
SERVICE_SECONDS = 120
DEATHS_BEFORE_GIVING_UP = 3
STACK = re.compile(r"at [\w.$/]+[.(]|\.\.\. \d+ more")
"""A line of a Java stack trace."""
TITLES = {"kafka": "Apache Kafka", "postgres": "PostgreSQL", "redis": "Redis (Valkey)"}


def log_of(folder: Path) -> Path:
    """What the launcher itself did and why it gave up."""
    return folder / "logs" / "launcher.log"


def note(folder: Path, text: str) -> None:
    """Write it into the launcher's log."""
    log_of(folder).parent.mkdir(parents=True, exist_ok=True)
    with log_of(folder).open("a") as log:
        log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}  {text.rstrip()}\n")


class Progress:
    """Lines with the seconds since the start, on the terminal and in the launcher's log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started = time.monotonic()

    def say(self, text: str) -> None:
        """One line, at once."""
        print(f"{time.monotonic() - self.started:6.1f} s  {text}", flush=True)
        note(self.folder, text)

    @contextmanager
    def still(self, text: str) -> Iterator[None]:
        """Say every few seconds that this still goes on."""
        over = threading.Event()

        def repeat() -> None:
            while not over.wait(5):
                self.say(f"{text} …")

        thread = threading.Thread(target=repeat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def up(folder: Path) -> bool:
    """Bring everything up that is not, in order; True when something had to be done.

    Raises:
        CannotRun: what stands in the way, in one line.
    """
    progress, supervisor = Progress(folder), Supervisor(folder)
    last, settings = remembered(folder), Settings.read(folder)
    running = supervisor.running()
    if running and last and settings != last:
        raise CannotRun("the environment names other ports or servers than those that run: `make down` first")
    setup = Setup.of(settings, folder)
    if running and all_well(supervisor, setup) and demo_is_there(folder):
        return False
    if not running:
        if supervisor.leftovers():
            progress.say("waiting for what was started before to end")
            supervisor.await_end()
        check_disk(folder)
        check_ports(settings, setup)
        prepare(setup, progress)
        settings.write(folder)
        supervisor.start(programs(setup))
    elif set(supervisor.states()) != {program.name for program in programs(setup)}:
        raise CannotRun("this tree has other services than those that run: `make down` first")
    start_servers(setup, supervisor, progress)
    provision(setup, folder, progress)
    start_services(setup, supervisor, progress)
    load_demo(setup, folder, progress)
    progress.say("everything is ready")
    return True


def programs(setup: Setup) -> list[Program]:
    """Servers and services as the supervisor sees them."""
    # A supervisor that is killed takes its servers and services along: nothing is left that nobody watches.
    tied = [sys.executable, "-SE", str(ROOT / "deploy" / "local" / "tied.py"), "TERM", "-"]
    found = [Program(s.name, s.command(), Path("/"), stop_signal=s.stop_signal, stops_after=1) for s in setup.servers]
    for name in setup.services:
        environment = setup.installation.service(name) | {"PYTHONUNBUFFERED": "1"}
        found.append(Program(name, [*tied, sys.executable, "-m", f"services.{name}.app"], ROOT, environment))
    return found


def check_disk(folder: Path) -> None:
    """Kafka and PostgreSQL keep facts for ever and fail badly on a full disk."""
    for place in {folder, packages.cache_dir()}:
        existing = next(parent for parent in (place, *place.parents) if parent.exists())
        free = shutil.disk_usage(existing).free
        if free < NEEDED_BYTES:
            raise CannotRun(f"not enough disk: {existing} has {free >> 20} MB free, {NEEDED_BYTES >> 20} MB are needed")


def check_ports(settings: Settings, setup: Setup) -> None:
    """Every port we are about to take is free."""
    taken = set(setup.services) | {server.name for server in setup.servers}
    taken |= {"kafka_controller"} & {f"{name}_controller" for name in taken}
    ports = {name: settings.ports[name] for name in taken}
    if twice := [name for name, port in ports.items() if list(ports.values()).count(port) > 1]:
        raise CannotRun(f"one port is given to several: {', '.join(sorted(twice))}")
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CannotRun(
                    f"port {port} for {name} is in use ({error.strerror}): set SALES_{name.upper()}_PORT to a free one"
                ) from None


def prepare(setup: Setup, progress: Progress) -> None:
    """Fetch packages and make the servers' files."""
    if not setup.servers:
        return
    progress.say("preparing " + ", ".join(TITLES[server.name] for server in setup.servers) + " (the first time downloads about 70 MB)")
    with progress.still("downloading and preparing"), ThreadPoolExecutor() as threads:
        for done in [threads.submit(server.prepare) for server in setup.servers]:
            done.result()


def start_servers(setup: Setup, supervisor: Supervisor, progress: Progress) -> None:
    """Start the servers together and wait until each answers."""
    for server in setup.servers:
        supervisor.begin(server.name)
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(_await_server, server, supervisor, progress) for server in setup.servers]:
            done.result()


def _await_server(server: Server, supervisor: Supervisor, progress: Progress) -> None:
    _await(server.name, lambda: answers(server), supervisor, SERVER_SECONDS)
    progress.say(f"{TITLES[server.name]} is ready on port {server.port}")


def answers(server: Server) -> bool:
    """Whether one of our own servers can be used right now."""

    async def within() -> None:
        await asyncio.wait_for(server.check(), 10)

    try:
        asyncio.run(within())
    except Exception:
        return False
    return True


def _await(name: str, usable: Callable[[], bool], supervisor: Supervisor, seconds: float) -> None:
    """Wait for a program; one that keeps dying is not waited for."""
    until, restarts = time.monotonic() + seconds, supervisor.states()[name].restarts
    while not usable():
        state = supervisor.states()[name]
        if state.state == "FATAL" or state.restarts - restarts >= DEATHS_BEFORE_GIVING_UP:
            raise CannotRun(f"{name} dies as it starts: {last_words(supervisor.log_of(name))}", supervisor.log_of(name))
        if time.monotonic() > until:
            raise CannotRun(f"{name} is not ready after {seconds:.0f} s: {last_words(supervisor.log_of(name))}", supervisor.log_of(name))
        time.sleep(0.2)


def last_words(log: Path) -> str:
    """The last line of a log that says something: where in a program it happened does not."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()] if log.exists() else []
    telling = [line for line in lines if line and not STACK.match(line)]
    return telling[-1][:200] if telling else "it wrote nothing"


def provision(setup: Setup, folder: Path, progress: Progress) -> None:
    """Databases, roles, topics, schemas."""
    _helper(["deploy.provision"], _for_provisioning(setup), folder, progress, "databases, topics and schemas could not be made")
    progress.say("databases, roles, topics and schemas are in place")


def remove_from_others(setup: Setup, servers: Iterable[str], folder: Path, progress: Progress) -> None:
    """Delete what this set-up made on servers that are not its own.

    Raises:
        CannotRun: one of them does not answer, or refuses.
    """
    failure = f"the data on servers of others ({', '.join(servers)}) could not be removed, so nothing was"
    _helper(["deploy.provision", "remove", *servers], _for_provisioning(setup), folder, progress, failure)


def _for_provisioning(setup: Setup) -> dict[str, str]:
    installation = setup.installation
    return {
        "SALES_KAFKA": installation.kafka,
        "SALES_REDIS_URL": installation.redis_url,
        "SALES_POSTGRES_URL": installation.postgres_url,
        "SALES_NAMESPACE": installation.namespace,
    } | installation.secrets.as_environment()


def start_services(setup: Setup, supervisor: Supervisor, progress: Progress) -> None:
    """Start the services together and wait until each says it is ready."""
    for name in setup.services:
        supervisor.begin(name)
    for name in setup.services:
        _await(name, lambda name=name: is_ready(setup.installation.url(name)), supervisor, SERVICE_SECONDS)  # type: ignore[misc]
        progress.say(f"{name} is ready at {setup.installation.url(name)}")


def is_ready(url: str) -> bool:
    """Whether the service behind `url` takes work."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/health/ready", timeout=3) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def all_well(supervisor: Supervisor, setup: Setup) -> bool:
    """Everything that should run does, and answers."""
    states = supervisor.states()
    expected = {program.name for program in programs(setup)}
    if set(states) != expected or any(state.state != "RUNNING" for state in states.values()):
        return False
    return all(is_ready(setup.installation.url(name)) for name in setup.services)


def load_demo(setup: Setup, folder: Path, progress: Progress) -> None:
    """Load the demo tenant once, and write what a newcomer or a script needs to know."""
    path, installation = folder / "demo.json", setup.installation
    found = read_demo(folder)
    if not found.get("accounts") and _has_demo() and setup.services:
        path.unlink(missing_ok=True)
        own = {"SALES_GATEWAY_URL": installation.url("gateway"), "SALES_OPERATOR_KEY": installation.secrets.operator_key}
        environment = installation.addresses() | own | {"SALES_DEMO_FILE": str(path)}
        _helper(["deploy.demo"], environment, folder, progress, "the demo tenant could not be made")
        progress.say("the demo tenant is loaded")
        found = read_demo(folder)
    whole = found | {
        "gateway": installation.url("gateway"),
        "operator_key": installation.secrets.operator_key,
        "kafka": installation.kafka,
        "metrics": {name: f"{installation.url(name)}/metrics" for name in setup.services},
        "accounts": found.get("accounts", []),
    }
    path.touch(0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


def read_demo(folder: Path) -> dict[str, Any]:
    """What `.run/demo.json` says; empty when it is not there."""
    try:
        found: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def demo_is_there(folder: Path) -> bool:
    """Nothing of the demo is left to load."""
    found = read_demo(folder)
    return bool(found.get("accounts")) or (bool(found) and not _has_demo())


def _has_demo() -> bool:
    return (ROOT / "deploy" / "demo" / "__main__.py").exists() or (ROOT / "deploy" / "demo.py").exists()


def _helper(words: list[str], environment: dict[str, str], folder: Path, progress: Progress, failure: str) -> None:
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
