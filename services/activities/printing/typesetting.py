"""Typesets papers off the event loop: a few at once, one of a tenant, within a time."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from shared.errors import Unavailable
from shared.fair_turns import FairTurns
from shared.ids import TenantId

_TEMPLATE = Path(__file__).with_name("invoice.typ")
_AT_ONCE = 2
_OF_A_TENANT = 1
_WAITING = 20
"""Papers of a tenant that may wait for their turn; more are refused at once."""
_TURN_SECONDS = 10.0
_SECONDS = 10.0
_RETRY_SECONDS = 5


class Typesetter:
    """Makes PDFs in threads of its own; typst lets go of the interpreter's lock meanwhile.

    A tenant that prints much waits for itself. A paper that takes too long is given up by who
    waits for it, and keeps its turn until it is done, so that there are never more than a few.
    """

    def __init__(self, seconds: float = _SECONDS, turn_seconds: float = _TURN_SECONDS) -> None:
        self._seconds, self._turn_seconds = seconds, turn_seconds
        self._turns = FairTurns(_AT_ONCE, _OF_A_TENANT, _WAITING)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="typesetting")

    async def typeset(self, tenant_id: TenantId, paper: Mapping[str, Any]) -> bytes:
        """The PDF of an invoice. Raises `Unavailable` where its turn or its end does not come."""
        if not self._turns.enter(tenant_id):
            try:
                await self._turns.wait(tenant_id, self._turn_seconds)
            except TimeoutError:
                raise Unavailable("printing", _RETRY_SECONDS) from None
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, pdf_of, paper)
        work.add_done_callback(lambda _: self._turns.leave(tenant_id))
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(work)
        except TimeoutError:
            raise Unavailable("printing", _RETRY_SECONDS) from None


def pdf_of(paper: Mapping[str, Any]) -> bytes:
    """The PDF of an invoice; the same paper gives the same bytes."""
    inputs = {"paper": orjson.dumps(paper).decode()}
    # Its types take the template for one of the fonts' places.
    template: Any = _TEMPLATE.read_bytes()
    pdf = typst.compile(
        template,
        root=str(_TEMPLATE.parent),
        font_paths=_fonts(),
        sys_inputs=inputs,
        timestamp=0,
        pdf_tags=False,
    )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _fonts() -> typst.Fonts:
    """Those that come with typst: every machine prints the same."""
    return typst.Fonts(include_system_fonts=False)


typesetter = Typesetter()
"""The process's own."""
