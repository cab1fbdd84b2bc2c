"""The screens: a file each, one question, its reads and its commands through the public API.

Every module here with a `router` is part of the interface; there is no list to keep.
"""

import pkgutil
from importlib import import_module

from services.gateway.web.router import PageTable

TABLE = PageTable(
    [
        import_module(f"{__name__}.{module.name}").router
        for module in pkgutil.iter_modules(__path__)
        if not module.name.startswith("_")
    ]
)
"""Every page and every command of one."""
PATHS = frozenset(route.path for route in TABLE.routes if route.method == "GET")
