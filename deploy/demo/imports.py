"""A table that the head has imported, with a few rows that were refused: what to look at first."""

import asyncio
import time
from typing import Any
from urllib.parse import quote

from deploy.demo.catalogue import ROOMS
from deploy.demo.directory import Tenant

NAME = "Клиенты с выставки.csv"
WAIT_SECONDS = 30
_TABLE = """\
Код;Название;Телефон;Почта;Крупный;Контактное лицо;Должность;Телефон контактного лица
В-1;ООО «Выставочный свет»;8 (495) 100-00-01;svet@mail.example;да;Зоя Лучина;Директор;89165550141
В-2;АО «Павильон»;+7 495 100-00-02, 8 495 100-00-03;;нет;;;
В-3;ИП Стендова Ирина;;irina@mail.example;;;;
В-4;ООО «Экспонат»;номер на визитке;;;;;
В-5;;+7 495 100-00-05;;;;;
В-6;ООО «Каталог»;;почта на сайте;может быть;;Закупки;
"""


async def import_clients(tenant: Tenant) -> dict[str, Any]:
    """The import, once it has been run, and as it is where it was run before."""
    head, room = tenant.staff["head"], next(iter(ROOMS))
    place = f"room_id={tenant.rooms[room]}&company_id={tenant.companies[ROOMS[room][1][0]]}"
    path = f"/imports?filename={quote(NAME)}&kind=clients&{place}"
    uploaded = await head.client.send("POST", path, head.token, data=_TABLE.encode())
    import_ = await _resting(tenant, uploaded["id"])
    if import_["state"] == "ready":
        await head.do("import/run", f"/imports/{import_['id']}/run")
        import_ = await _resting(tenant, import_["id"])
    return import_


async def _resting(tenant: Tenant, import_id: str) -> dict[str, Any]:
    """The import once nothing of it is under way, or as it is after half a minute."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        import_: dict[str, Any] = await tenant.staff["head"].see(f"/imports/{import_id}")
        if import_["state"] not in ("reading", "checking", "running") or time.monotonic() > until:
            return import_
        await asyncio.sleep(0.2)
