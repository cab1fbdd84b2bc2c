"""What tells whether a row has changed since it was imported last."""

from hashlib import sha256
from typing import Any

import orjson


def fingerprint(*values: Any) -> bytes:
    """The digest of a row's values."""
    return sha256(orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS)).digest()
