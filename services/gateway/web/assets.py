"""Scripts, styles and pictures, from memory: named by their content, compressed once."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

import brotli
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway.web.csp import POLICY

FOLDER = Path(__file__).with_name("static")
PREFIX = "/static/"
_FOR_EVER = "public, max-age=31536000, immutable"
_TO_BE_ASKED = "no-cache"
STYLES = ("bootstrap.css", "app.css")
"""What is in `page.css`, Bootstrap as `make styles` writes it; `page.js` is all of `page/`."""
_LARGE = 400_000
"""Bytes from which the best compression would take seconds."""
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True)
class Asset:
    """A file below `static/`."""

    content: bytes
    media_type: str

    @cached_property
    def tag(self) -> str:
        """What its address and its ETag say of its content."""
        return sha256(self.content).hexdigest()[:16]

    @cached_property
    def compressed(self) -> bytes:
        quality = 5 if len(self.content) > _LARGE else 10
        return bytes(brotli.compress(self.content, quality=quality))


@cache
def assets() -> Mapping[str, Asset]:
    """Every file by its path below `static/`, and the bundles."""
    contents = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in FOLDER.rglob("*")
        if path.is_file()
    }
    scripts = [contents[name] for name in sorted(contents) if name.startswith("page/")]
    contents["page.js"] = b"\n".join(scripts)
    contents["page.css"] = b"\n".join(contents[name] for name in STYLES)
    return {
        name: Asset(content, mimetypes.guess_type(name)[0] or "text/plain")
        for name, content in contents.items()
    }


@cache
def asset_url(name: str) -> str:
    """The address of a file; another as soon as its content is. Raises `KeyError`."""
    return f"{PREFIX}{name}?v={assets()[name].tag}"


async def serve_asset(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: answers below `/static`, whole, compressed where the browser takes it, or with 304."""
    headers = dict(scope["headers"])
    asset = assets().get(scope["path"].removeprefix(PREFIX))
    if asset is None or scope["method"] not in ("GET", "HEAD"):
        await Response(status_code=404)(scope, receive, send)
        return
    tag = f'"{asset.tag}"'
    is_named = scope["query_string"] == f"v={asset.tag}".encode()
    sent = {
        "Cache-Control": _FOR_EVER if is_named else _TO_BE_ASKED,
        "Content-Security-Policy": POLICY,
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if headers.get(b"if-none-match") == tag.encode():
        await Response(status_code=304, headers=sent)(scope, receive, send)
        return
    content = asset.content
    if b"br" in headers.get(b"accept-encoding", b""):
        content, sent["Content-Encoding"] = asset.compressed, "br"
    await Response(content, headers=sent, media_type=asset.media_type)(scope, receive, send)
