"""The print form of an invoice through the API: walls, requisites that lack, and the tax's day."""

import io
from typing import Any

from pypdf import PdfReader

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.test_requisites import FULL, change, with_inn
from tests.support.money import rub


async def invoiced(tenant: Tenant, **invoice: Any) -> str:
    """The path of the print form of a new invoice."""
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "invoices", **{"amount": rub(1000), **invoice})
    (issued,) = (await tenant.see(activity))["invoices"]
    return f"/activities/{activity['id']}/invoices/{issued['id']}/print"


async def printed(
    tenant: Tenant, path: str, user: User | None = None
) -> tuple[str, dict[str, str]]:
    """The text of the PDF and the headers."""
    response = await tenant.call(user or tenant.admin, "GET", path)
    assert response.status == 200, response.body
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(response.body)).pages]
    return " ".join(" ".join(pages).replace("\xa0", " ").split()), response.headers


async def test_an_invoice_is_printed_for_those_who_see_its_activity(new_tenant: NewTenant) -> None:
    tenant = await with_inn(await new_tenant())
    assert (await change(tenant, FULL)).status == 200
    path = await invoiced(tenant, number="СЧ-7", due_on="2026-12-31")
    text, headers = await printed(tenant, path, await tenant.user())
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%D0%A1")
    for told in ("Счёт на оплату № СЧ-7", "Ромашка", "Лицензия", "31.12.2026", "НДС 22%: 180,33"):
        assert told in text, text
    elsewhere = await tenant.user(room_id=await tenant.another_room())
    assert (await tenant.call(elsewhere, "GET", path)).status == 404
    assert (await tenant.call(await tenant.user("marketer"), "GET", path)).status == 403
    stranger = await new_tenant()
    assert (await stranger.call(stranger.admin, "GET", path)).status == 404
    no_invoice = path.replace(path.split("/")[4], path.split("/")[2])
    assert (await tenant.call(tenant.admin, "GET", no_invoice)).status == 404


async def test_the_day_of_shipment_decides_the_tax(new_tenant: NewTenant) -> None:
    tenant = await with_inn(await new_tenant())
    await change(tenant, FULL)
    path = await invoiced(tenant)
    text, _ = await printed(tenant, f"{path}?shipment_on=2025-12-31")
    assert "НДС 20%: 166,67" in text
    vat = [*FULL["vat"], {"effective_from": "2027-01-01", "mode": "none"}]
    await change(tenant, {"vat": vat})
    text, _ = await printed(tenant, f"{path}?shipment_on=2027-01-01")
    assert "Без НДС" in text
    wrong = await tenant.call(tenant.admin, "GET", f"{path}?shipment_on=tomorrow")
    assert wrong.fields == {"shipment_on": "date"}


async def test_requisites_that_lack_are_named(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = await invoiced(tenant)
    refused = await tenant.call(tenant.admin, "GET", path)
    assert (refused.status, refused.code) == (409, "requisites_missing")
    assert refused.body["missing"] == ["legal_name", "inn", "address", "accounts", "vat"]
    await with_inn(tenant)
    await change(tenant, {**FULL, "vat": [{"effective_from": "2099-01-01", "mode": "none"}]})
    refused = await tenant.call(tenant.admin, "GET", path)
    assert refused.body["missing"] == ["vat"]


async def test_a_cancelled_invoice_is_not_printed(new_tenant: NewTenant) -> None:
    tenant = await with_inn(await new_tenant())
    await change(tenant, FULL)
    path = await invoiced(tenant)
    cancel = path.replace("/print", "/cancel")
    assert (await tenant.call(tenant.admin, "POST", cancel, {"reason": "Ошибка"})).status == 200
    refused = await tenant.call(tenant.admin, "GET", path)
    assert (refused.status, refused.code) == (409, "invoice_cancelled")
