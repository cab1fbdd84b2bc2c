"""The demo tenant: loaded once, and what a newcomer or a script needs to know of it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.environment import SERVICES
from deploy.local.progress import Progress
from deploy.local.settings import Setup
from deploy.local.subprocesses import run_to_end

Account = dict[str, Any]
"""A log-in of the demo: `username`, `password`, `name`, `roles`."""
ROLES = ("seller", "head", "marketer", "accountant", "admin")


def load_demo(setup: Setup, folder: Path, progress: Progress) -> None:
    """Load the demo tenant once, and write what a newcomer or a script needs to know."""
    path, installation = folder / "demo.json", setup.installation
    demo = read_demo(folder)
    if not demo.get("accounts"):
        path.unlink(missing_ok=True)
        own = {
            "SALES_GATEWAY_URL": installation.url("gateway"),
            "SALES_OPERATOR_KEY": installation.secrets.operator_key,
        }
        environment = installation.addresses() | own | {"SALES_DEMO_FILE": str(path)}
        run_to_end(
            ["deploy.demo"], environment, folder, progress, "the demo tenant could not be made"
        )
        progress.say("the demo tenant is loaded")
        demo = read_demo(folder)
    whole = demo | {
        "gateway": installation.url("gateway"),
        "operator_key": installation.secrets.operator_key,
        "kafka": installation.kafka.bootstrap,
        "kafka_log_in": installation.kafka_of("payroll").as_environment(),
        "metrics": {name: f"{installation.internal_url(name)}/metrics" for name in SERVICES},
        "accounts": demo.get("accounts", []),
    }
    path.touch(0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


def read_demo(folder: Path) -> dict[str, Any]:
    """What `.run/demo.json` says; empty when it is not there."""
    try:
        demo: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return demo


def demo_is_there(folder: Path) -> bool:
    """Nothing of the demo is left to load."""
    return bool(read_demo(folder).get("accounts"))


def first_by_role(accounts: Iterable[Account]) -> dict[str, Account]:
    """One account of each role, in the order of a sale: who sells, heads, advertises, counts,
    administers.
    """
    accounts = list(accounts)
    found = {
        role: next((account for account in accounts if role in account["roles"]), None)
        for role in ROLES
    }
    return {role: account for role, account in found.items() if account}
