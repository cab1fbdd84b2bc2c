"""The OpenAPI document of the public API, from the services' applications, without connections."""

from importlib import import_module
from pathlib import Path
from typing import Any

from shared.contracts import services

_GATEWAY = "gateway"


def document(root: Path) -> dict[str, Any]:
    """The whole public API: the services' own documents, merged as the gateway merges them at run
    time.
    """
    parts = {service: services.build(service)[0].openapi() for service in services.names(root)}
    own = parts.pop(_GATEWAY)
    merged: dict[str, Any] = import_module(f"services.{_GATEWAY}.edge.openapi").merged(own, parts)
    return merged
