"""The services as an operator starts them, without connections.

They are found in their folders and loaded by name, as a server loads an application: nothing here
imports one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from shared.bus.subscription import Subscription

_NOWHERE = "127.0.0.1:1"
_ENVIRONMENT = {
    "SALES_KAFKA": _NOWHERE,
    "SALES_REDIS_URL": f"redis://{_NOWHERE}",
    "SALES_DATABASE_URL": f"postgresql://nobody@{_NOWHERE}/nothing",
    "SALES_WORKER_DATABASE_URL": f"postgresql://nobody@{_NOWHERE}/nothing",
    "SALES_INTERNAL_KEY": "0" * 64,
    "SALES_INTERNAL_PEERS": "",
    "SALES_TOKEN_SECRET": "0" * 64,
    "SALES_OPERATOR_KEY": "0" * 64,
}


def names(root: Path) -> list[str]:
    """Every service under `root`."""
    return sorted(path.parent.name for path in root.glob("services/*/app.py"))


def build(service: str) -> tuple[Any, Any]:
    """The service's FastAPI application and its process."""
    with _environment():
        app, process = import_module(f"services.{service}.app").build()
    return app, process


def subscriptions(root: Path) -> dict[str, Subscription]:
    """The subscription that each service's consumer runs, by service."""
    processes = {service: build(service)[1] for service in names(root)}
    return {
        service: consumer.subscription
        for service, process in processes.items()
        for consumer in process.consumers
    }


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: value for name, value in os.environ.items() if name.startswith("SALES_")}
    for name in before:
        del os.environ[name]
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name in _ENVIRONMENT:
            del os.environ[name]
        os.environ.update(before)
