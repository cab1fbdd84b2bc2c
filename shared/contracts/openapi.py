"""The OpenAPI document of the public API, from the services' applications, without connections.

Services are found in their folders and loaded by name, as a server loads an application: nothing
here imports one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

_GATEWAY = "gateway"
_NOWHERE = "127.0.0.1:1"
_ENVIRONMENT = {
    "SALES_KAFKA": _NOWHERE,
    "SALES_REDIS_URL": f"redis://{_NOWHERE}",
    "SALES_DATABASE_URL": f"postgresql://nobody@{_NOWHERE}/nothing",
    "SALES_WORKER_DATABASE_URL": f"postgresql://nobody@{_NOWHERE}/nothing",
    "SALES_INTERNAL_SECRET": "0" * 64,
    "SALES_TOKEN_SECRET": "0" * 64,
    "SALES_OPERATOR_KEY": "0" * 64,
}


def document(root: Path) -> dict[str, Any]:
    """The whole public API: the services' own documents, merged as the gateway merges them at run
    time.
    """
    parts = {service: _own(service) for service in _services(root)}
    own = parts.pop(_GATEWAY)
    merged: dict[str, Any] = import_module(f"services.{_GATEWAY}.edge.openapi").merged(own, parts)
    return merged


def _services(root: Path) -> list[str]:
    return sorted(path.parent.name for path in root.glob("services/*/app.py"))


def _own(service: str) -> dict[str, Any]:
    with _environment():
        app, _ = import_module(f"services.{service}.app").build()
    openapi: dict[str, Any] = app.openapi()
    return openapi


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
