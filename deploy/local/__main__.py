"""`python -m deploy.local up | down | reset | logs | status | lock`."""

import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, NoReturn

import typer

from deploy.environment import SERVICES
from deploy.local import packages
from deploy.local import up as startup
from deploy.local.ask import ask
from deploy.local.demo_tenant import first_by_role, read_demo
from deploy.local.errors import CannotRun
from deploy.local.progress import Progress, log_of, note
from deploy.local.readiness import is_ready, responds
from deploy.local.settings import ROOT, Settings, Setup, alone, remembered, remove_data
from deploy.local.supervise import Supervisor

RUN = ROOT / ".run"
cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The product on this machine.",
)


@cli.command()
def up() -> None:
    """Start everything, or say that it runs."""
    with _one_line_errors(), alone(RUN):
        if not startup.up(RUN):
            print("everything is running already")
        _greet()


@cli.command()
def down() -> None:
    """Stop everything; the data stay."""
    with _one_line_errors(), alone(RUN):
        print("stopped, the data are kept" if _stop() else "nothing was running")


@cli.command()
def reset() -> None:
    """Stop everything and remove its data, also those on servers that the environment named."""
    with _one_line_errors(), alone(RUN):
        _stop()
        _remove_from_others()
        remove_data(RUN)
        print("stopped, data removed")


@cli.command()
def status() -> None:
    """Each process, its port, how long it runs, how often it was restarted.

    Exit 1 unless all is well.
    """
    with _one_line_errors():
        supervisor, settings = Supervisor(RUN), remembered(RUN)
        if settings is None or not supervisor.running():
            print("not running: `make up` starts it")
            raise typer.Exit(1)
        print(
            f"{'process':<12}{'state':<10}{'port':>6}{'pid':>9}{'up, s':>9}{'restarts':>10}  ready"
        )
        setup, well = Setup.of(settings, RUN), True
        for name, state in supervisor.states().items():
            responds = _responds(name, setup)
            well = well and responds and state.state == "RUNNING"
            port, pid = settings.ports.get(name, 0), state.pid or "-"
            print(
                f"{name:<12}{state.state.lower():<10}{port:>6}{pid:>9}{state.seconds:>9}{state.restarts:>10}"
                f"  {'yes' if responds else 'no'}"
            )
        raise typer.Exit(0 if well else 1)


@cli.command()
def logs(
    name: Annotated[
        str, typer.Argument(help="A process as `status` names it; all of them when left out.")
    ] = "",
) -> None:
    """Follow the logs."""
    with _one_line_errors():
        files = sorted((RUN / "logs").glob(f"{name or '*'}.log"))
        if not files:
            raise CannotRun(f"there is no log of {name or 'anything yet'} in {RUN / 'logs'}")
        try:
            subprocess.run(["tail", "-n", "20", "-F", *files], check=False)
        except KeyboardInterrupt:
            return


@cli.command("ask")
def question(
    path: Annotated[str, typer.Argument(help="A path below /api/v1, such as /desk.")],
    role: Annotated[
        str, typer.Option("--as", help="Whose eyes: the first account with this role.")
    ] = "seller",
) -> None:
    """Print what the gateway answers to one of the demo tenant's people."""
    with _one_line_errors():
        try:
            print(ask(read_demo(RUN), path, role), flush=True)
        except BrokenPipeError:
            # Its reader has seen enough, as `head` does; nobody is to hear about it as Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@cli.command(context_settings={"ignore_unknown_options": True})
def run(
    name: Annotated[str, typer.Argument(help="A service.")],
    words: Annotated[
        list[str], typer.Argument(help="Its operator's command, such as `dead-letters list`.")
    ],
) -> None:
    """An operator's command of a service, with this set-up's addresses and passwords."""
    with _one_line_errors():
        if name not in SERVICES:
            raise CannotRun(f"there is no service {name}: one of {', '.join(SERVICES)}")
        installation = Setup.of(Settings.read(RUN), RUN).installation
        command = [sys.executable, "-m", f"services.{name}.app", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | installation.service(name), check=False
        )
        raise typer.Exit(done.returncode)


@cli.command()
def lock() -> None:
    """Resolve the servers' packages anew and write their SHA-256."""
    with _one_line_errors():
        packages.write_lock()


def _responds(name: str, setup: Setup) -> bool:
    server = next((server for server in setup.servers if server.name == name), None)
    return responds(server) if server else is_ready(setup.installation.url(name))


def _stop() -> bool:
    """Services first, so that none complains about a server that left."""
    supervisor = Supervisor(RUN)
    if not supervisor.running():
        # Killed, or told to end by somebody else: its programs end, but need a moment.
        ending = supervisor.leftovers()
        supervisor.await_end()
        return ending
    names = list(supervisor.states())
    servers = [name for name in names if name in startup.TITLES]
    supervisor.stop([name for name in names if name not in servers])
    supervisor.stop(servers)
    supervisor.shutdown()
    return True


def _remove_from_others() -> None:
    settings = remembered(RUN)
    if settings and settings.external:
        startup.remove_from_others(Setup.of(settings, RUN), settings.external, RUN, Progress(RUN))


def _greet() -> None:
    """Where it is, who may log in, and what to try."""
    gateway, accounts = (
        Setup.of(Settings.read(RUN), RUN).installation.url("gateway"),
        read_demo(RUN).get("accounts", []),
    )
    print(f"\n  Sign in: {gateway}/sign-in    API: {gateway}/docs\n")
    for role, account in first_by_role(accounts).items():
        print(f"  {role:<12} {account['username']:<26} {account['password']:<20} {account['name']}")
    print(f"  all {len(accounts)} accounts: {RUN / 'demo.json'}")
    print(
        "\n  Try:\n    make status\n    make ask path=/desk as=seller\n    make ask"
        " path=/motivation/statement as=seller\n"
    )


@contextmanager
def _one_line_errors() -> Iterator[None]:
    # Tries to reach a server that still starts are expected; how they end is told by us.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        yield
    except CannotRun as reason:
        _exit(str(reason), logged=reason.log is not None)
    except PermissionError as error:
        _exit(f"no permission for {error.filename}: was this set-up made by another user?")
    except OSError as error:
        _exit(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    except KeyboardInterrupt:
        sys.exit("interrupted; `make up` goes on from here, `make down` stops what runs")


def _exit(cause: str, logged: bool = False) -> NoReturn:
    """End with one line; how it came to it is in a log, the launcher's own unless the line names
    another.
    """
    with suppress(OSError):
        note(RUN, traceback.format_exc())
        cause += "" if logged else f" (log: {log_of(RUN)})"
    sys.exit(f"cannot go on: {cause}")


if __name__ == "__main__":
    RUN.mkdir(mode=0o700, exist_ok=True)
    cli()
