"""Lists as files through the gateway: the same rows, filters and walls as the lists themselves."""

import csv
import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from openpyxl import load_workbook

from services.gateway.api.exports.lists import EXPORTS
from tests.e2e.office import Office
from tests.support.client import User
from tests.support.wait import eventually

DOCUMENT = orjson.loads((Path(__file__).parents[2] / "docs/api/openapi.json").read_bytes())


async def rows(user: User, path: str) -> list[dict[str, str]]:
    response = await user.call("GET", path, headers={"Accept-Language": "ru"})
    assert response.status == 200, response
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    text = response.body.removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


async def test_activities_are_exported_as_they_are_listed(office: Office) -> None:
    mine = await office.register(take=True, note="=HYPERLINK(1)")
    await office.register("goods", by=office.vera, room_id=office.rooms["back"], source="inbound")
    exported = {
        row["Номер в системе"]: row for row in await rows(office.anna, "/exports/activities")
    }
    listed = (await office.anna.see("/activities?limit=200"))["items"]
    assert exported.keys() == {item["id"] for item in listed}
    row = exported[mine["id"]]
    assert (row["Клиент"], row["Состояние"]) == (mine["client"]["name"], "в работе")
    assert row["Компания"] == "ООО Главная"
    assert row["Комната"] != office.rooms["front"]
    assert (row["Сумма заказа"], row["Валюта"]) == ("1000,00", "RUB")
    assert row["Заказ"].endswith(" × 1")
    assert row["Заметка"] == "'=HYPERLINK(1)"
    assert any(title.startswith("Создана (") for title in row)
    filtered = await rows(
        office.anna, f"/exports/activities?status=in_work&q={mine['client']['name']}"
    )
    assert [row["Номер в системе"] for row in filtered] == [mine["id"]]


async def test_a_page_is_followed_by_the_next(office: Office) -> None:
    for place in range(203):
        source = {"name": f"Источник {place}", "channel": "Сайт", "kind": "inbound"}
        await office.admin.do("/sources", source)
    exported = await rows(office.admin, "/exports/sources")
    names = [row["Название"] for row in exported if row["Название"].startswith("Источник")]
    assert names == [f"Источник {place}" for place in range(203)]


@pytest.mark.parametrize("name", EXPORTS)
async def test_every_list_is_exported_in_both_formats(office: Office, name: str) -> None:
    user = office.accountant if name in ("bank-lines", "statements") else office.admin
    of = f"company_id={office.companies['main']}&period=2026-10" if name == "statements" else ""
    await rows(user, f"/exports/{name}?{of}")
    async with user.api.http.get(
        f"/api/v1/exports/{name}?format=xlsx&{of}",
        headers={"Authorization": f"Bearer {user.token}"},
    ) as response:
        assert response.status == 200
        content = await response.read()
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet
    assert sheet.max_column == len(EXPORTS[name].columns)
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


async def test_an_export_is_refused_as_its_list_is(office: Office) -> None:
    marketer = office.people["marketer"]
    for name in ("clients", "activities", "payments", "vip"):
        refused = await marketer.refused(f"/exports/{name}", method="GET")
        assert (refused.status, refused.code) == (403, "forbidden")
    back = office.rooms["back"]
    foreign = await office.anna.refused(f"/exports/activities?room_id={back}", method="GET")
    listed = await office.anna.refused(f"/activities?room_id={back}", method="GET")
    assert (foreign.status, foreign.code) == (listed.status, listed.code) == (404, "not_found")
    for query, field in (("format=pdf", "format"), ("limit=5", "limit"), ("status=x", "status")):
        refused = await office.anna.refused(f"/exports/activities?{query}", method="GET")
        assert (refused.status, [*refused.fields]) == (422, [field])


async def test_an_export_is_recorded_in_the_audit(office: Office) -> None:
    await rows(office.accountant, "/exports/clients?format=csv")
    asked = f"/audit?operation=export_clients&actor_id={office.accountant.id}"

    async def recorded() -> Any:
        return (await office.admin.see(asked))["items"]

    (entry,) = await eventually(recorded)
    assert entry["outcome"] == "done"


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_takes_the_filters_of_its_list(name: str) -> None:
    """Add a list's new filter to `services/gateway/api/exports/queries.py`."""

    def parameters(path: str) -> set[str]:
        described = DOCUMENT["paths"][f"/api/v1/{path}"]["get"].get("parameters", [])
        return {one["name"] for one in described if one["in"] == "query"}

    export = EXPORTS[name]
    of_list = parameters(export.path) - {"limit", "cursor", "names", "sort"}
    if name == "overdue-invoices":
        of_list &= parameters(f"exports/{name}")
    assert parameters(f"exports/{name}") - {"format"} == of_list
