"""From nothing, or from anything in between, to a product that answers."""

import shutil
import socket
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.environment import PORTS, SERVICES
from deploy.local import packages
from deploy.local.accounts import POWERLESS, SAME, enterable_by_all, service_account
from deploy.local.demo_tenant import demo_is_there, load_demo
from deploy.local.errors import CannotRun
from deploy.local.progress import Progress
from deploy.local.readiness import await_usable, is_ready, responds
from deploy.local.servers import Server
from deploy.local.settings import ROOT, Settings, Setup, remembered
from deploy.local.subprocesses import run_to_end
from deploy.local.supervise import Program, Supervisor

NEEDED_BYTES = 1 << 30
SERVER_SECONDS = 120
SERVICE_SECONDS = 120
TITLES = {"kafka": "Apache Kafka", "postgres": "PostgreSQL", "redis": "Redis (Valkey)"}


def up(folder: Path) -> bool:
    """Bring everything up that is not, in order; True when something had to be done.

    Raises:
        CannotRun: what stands in the way, in one line.
    """
    progress, supervisor = Progress(folder), Supervisor(folder)
    last, settings = remembered(folder), Settings.read(folder)
    running = supervisor.running()
    if running and last and settings != last:
        raise CannotRun(
            "the environment names other ports or servers than those that run: `make down` first"
        )
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
    # A supervisor that is killed takes its servers and services along: nothing is left that nobody
    # watches.
    account = service_account()
    own = {"PYTHONUNBUFFERED": "1", "SALES_LAPTOP": "1"}
    if account not in (SAME, POWERLESS):
        own |= bytecode_elsewhere(account)
    tied = [
        sys.executable,
        "-SE",
        str(ROOT / "deploy" / "local" / "exec_with_parent.py"),
        "TERM",
        account,
    ]
    programs = [
        Program(s.name, s.command(), Path("/"), stop_signal=s.stop_signal, stops_after=1)
        for s in setup.servers
    ]
    for name in SERVICES:
        environment = setup.installation.service(name) | own
        programs.append(
            Program(name, [*tied, sys.executable, "-m", f"services.{name}.app"], ROOT, environment)
        )
    return programs


def bytecode_elsewhere(account: str) -> dict[str, str]:
    """Where a process of `account` keeps what Python compiled: it can't write beside the code."""
    folder = packages.cache_dir() / f"bytecode-{account}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.chown(folder, account)
    return {"PYTHONPYCACHEPREFIX": str(folder)} if enterable_by_all(folder.parent) else {}


def check_disk(folder: Path) -> None:
    """Kafka and PostgreSQL keep facts for ever and fail badly on a full disk."""
    for place in {folder, packages.cache_dir()}:
        existing = next(parent for parent in (place, *place.parents) if parent.exists())
        free = shutil.disk_usage(existing).free
        if free < NEEDED_BYTES:
            raise CannotRun(
                f"not enough disk: {existing} has {free >> 20} MB free, {NEEDED_BYTES >> 20} MB are"
                " needed"
            )


def check_ports(settings: Settings, setup: Setup) -> None:
    """Every port we are about to take is free."""
    taken = set(PORTS) | {server.name for server in setup.servers}
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
                    f"port {port} for {name} is in use ({error.strerror}): set"
                    f" SALES_{name.upper()}_PORT to a free one"
                ) from None


def prepare(setup: Setup, progress: Progress) -> None:
    """Fetch packages and make the servers' files."""
    if not setup.servers:
        return
    progress.say(
        "preparing "
        + ", ".join(TITLES[server.name] for server in setup.servers)
        + " (the first time downloads about 70 MB)"
    )
    with progress.still("downloading and preparing"), ThreadPoolExecutor() as threads:
        for done in [threads.submit(server.prepare) for server in setup.servers]:
            done.result()


def start_servers(setup: Setup, supervisor: Supervisor, progress: Progress) -> None:
    """Start the servers together and wait until each answers."""
    for server in setup.servers:
        supervisor.begin(server.name)
    with ThreadPoolExecutor() as threads:
        for done in [
            threads.submit(_await_server, server, supervisor, progress) for server in setup.servers
        ]:
            done.result()


def _await_server(server: Server, supervisor: Supervisor, progress: Progress) -> None:
    await_usable(server.name, lambda: responds(server), supervisor, SERVER_SECONDS)
    progress.say(f"{TITLES[server.name]} is ready on port {server.port}")


def provision(setup: Setup, folder: Path, progress: Progress) -> None:
    """Databases, roles, topics, schemas."""
    run_to_end(
        ["deploy.provision"],
        setup.installation.provisioning(),
        folder,
        progress,
        "databases, topics and schemas could not be made",
    )
    progress.say("databases, roles, topics and schemas are in place")


def remove_from_others(
    setup: Setup, servers: Iterable[str], folder: Path, progress: Progress
) -> None:
    """Delete what this set-up made on servers that are not its own.

    Raises:
        CannotRun: one of them does not answer, or refuses.
    """
    failure = (
        f"the data on servers of others ({', '.join(servers)}) could not be removed, so nothing was"
    )
    run_to_end(
        ["deploy.provision", "remove", *servers],
        setup.installation.provisioning(),
        folder,
        progress,
        failure,
    )


def start_services(setup: Setup, supervisor: Supervisor, progress: Progress) -> None:
    """Start the services together and wait until each says it is ready."""
    for name in SERVICES:
        supervisor.begin(name)
    for name in SERVICES:
        await_usable(
            name,
            lambda name=name: is_ready(setup.installation.url(name)),  # type: ignore[misc]
            supervisor,
            SERVICE_SECONDS,
        )
        progress.say(f"{name} is ready at {setup.installation.url(name)}")


def all_well(supervisor: Supervisor, setup: Setup) -> bool:
    """Everything that should run does, and answers."""
    states = supervisor.states()
    expected = {program.name for program in programs(setup)}
    if set(states) != expected or any(state.state != "RUNNING" for state in states.values()):
        return False
    return all(is_ready(setup.installation.url(name)) for name in SERVICES)
