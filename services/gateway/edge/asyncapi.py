"""The AsyncAPI document, as it is committed."""

from functools import cache
from pathlib import Path

from shared.errors import NotFound

_PATH = Path(__file__).parents[3] / "docs" / "events" / "asyncapi.json"


@cache
def asyncapi_document() -> bytes:
    """The document, which does not change while the process runs. Raises `NotFound`."""
    if not _PATH.exists():
        raise NotFound("document")
    return _PATH.read_bytes()
