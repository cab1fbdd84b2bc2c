"""Time zones: only those that Python and PostgreSQL both know."""

from zoneinfo import ZoneInfo

import pytest

from shared.clock import TIME_ZONES
from tests.integration.activities.conftest import NewTenant

BAD = ("right/Europe/Moscow", "posix/Europe/Moscow", "posixrules", "localtime", "Factory", "Europe")
BROKEN = ("", "europe/moscow", "Europe/Moscow\u0000", "../etc/passwd")


async def test_the_choice_is_known_to_python_and_to_postgresql(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    rows = await tenant.reader.fetch("SELECT name FROM pg_timezone_names")
    assert set(TIME_ZONES) <= {row["name"] for row in rows}
    for name in TIME_ZONES:
        assert ZoneInfo(name).key == name


async def test_a_caller_chooses_from_a_list(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    response = await tenant.call(await tenant.user(), "GET", "/time-zones")
    assert response.status == 200
    assert [item["name"] for item in response.body["items"]] == list(TIME_ZONES)
    assert {"name": "Europe/Moscow", "utc_offset": "+03:00"} in response.body["items"]
    for name in ("Europe/Moscow", "Asia/Kathmandu", "America/St_Johns"):
        company = await tenant.create("/companies", name="Лес", time_zone=name)
        assert company["time_zone"] == name


@pytest.mark.parametrize("name", [*BAD, *BROKEN])
async def test_another_zone_is_refused_by_rule(new_tenant: NewTenant, name: str) -> None:
    tenant = await new_tenant()
    for method, path in (("POST", "/companies"), ("PATCH", f"/companies/{tenant.company_id}")):
        body = {"name": "Лес", "time_zone": name}
        refused = await tenant.call(tenant.admin, method, path, body)
        assert (refused.status, refused.fields) == (422, {"time_zone": "time_zone"})
