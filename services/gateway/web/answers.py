"""Answers of pages: a page, a part of one, or the way to another; compressed, under the policy."""

import zlib
from collections.abc import Mapping

import brotli
from starlette.responses import Response

from services.gateway.web.csp import POLICY

_SMALL = 800
"""Bytes below which compression is not worth its header."""
_LEVEL = 4
_GZIP = 16 + zlib.MAX_WBITS


def respond_html(
    html: str, accepted: bytes = b"", status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A page or a fragment for a browser that takes the encodings `accepted`."""
    content = html.encode()
    sent = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY,
        "Vary": "HX-Request, Cookie, Accept-Encoding",
        **(headers or {}),
    }
    if len(content) > _SMALL:
        if b"br" in accepted:
            content, sent["Content-Encoding"] = brotli.compress(content, quality=_LEVEL), "br"
        elif b"gzip" in accepted:
            compressor = zlib.compressobj(_LEVEL, wbits=_GZIP)
            content = compressor.compress(content) + compressor.flush()
            sent["Content-Encoding"] = "gzip"
    return Response(content, status, sent, "text/html")


def redirect(url: str) -> Response:
    """To another page, which is then got: a script follows it and gets that page's part."""
    sent = {"Location": url, "Cache-Control": "no-store", "Content-Security-Policy": POLICY}
    return Response(b"", 303, sent)


def leave_for(url: str) -> Response:
    """Makes the script leave the page for another."""
    sent = {"HX-Redirect": url, "Cache-Control": "no-store", "Content-Security-Policy": POLICY}
    return Response(b"", 200, sent)
