"""Papers are typeset a few at once, one of a tenant, within a time."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from services.activities.printing import typesetting
from services.activities.printing.typesetting import Typesetter
from shared.errors import Unavailable
from shared.ids import TenantId, new_id


class Press:
    """Stands in for the typesetting of a paper: waits until it may end."""

    def __init__(self) -> None:
        self.running, self.most = 0, 0
        self.may_end, self.lock = threading.Event(), threading.Lock()

    def __call__(self, paper: Mapping[str, Any]) -> bytes:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.may_end.wait(10)
        with self.lock:
            self.running -= 1
        return str(paper["name"]).encode()


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    made = Press()
    monkeypatch.setattr(typesetting, "pdf_of", made)
    return made


def tenant() -> TenantId:
    return TenantId(new_id())


async def test_a_tenant_that_prints_much_does_not_stop_another(press: Press) -> None:
    typesetter, busy, other = Typesetter(), tenant(), tenant()
    many = [
        asyncio.create_task(typesetter.typeset(busy, {"name": f"{place}"})) for place in range(5)
    ]
    await asyncio.sleep(0.05)
    quick = asyncio.create_task(typesetter.typeset(other, {"name": "quick"}))
    await asyncio.sleep(0.05)
    assert press.running == 2
    press.may_end.set()
    assert await quick == b"quick"
    assert await asyncio.gather(*many) == [b"0", b"1", b"2", b"3", b"4"]
    assert press.most == 2


async def test_a_paper_that_takes_too_long_keeps_its_turn_until_it_ends(press: Press) -> None:
    typesetter, one = Typesetter(seconds=0.05, turn_seconds=0.05), tenant()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await typesetter.typeset(one, {"name": "slow"})
    assert press.running == 1
    press.may_end.set()
    await asyncio.sleep(0.05)
    assert await typesetter.typeset(one, {"name": "again"}) == b"again"
