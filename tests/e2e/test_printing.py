"""An invoice's way to the client: requisites, the paper through the gateway, its payment code."""

import pypdfium2
import zxingcpp

from tests.e2e.office import Office
from tests.support.money import rub

REQUISITES = {
    "legal_name": "Общество с ограниченной ответственностью «Главная»",
    "address": "119021, Москва, ул. Льва Толстого, 16",
    "accounts": [
        {
            "number": "40702810638050013199",
            "bic": "044525225",
            "bank_name": "ПАО СБЕРБАНК г. Москва",
            "correspondent_account": "30101810400000000225",
        }
    ],
    "vat": [{"effective_from": "2020-01-01", "mode": "general"}],
}


async def test_an_invoice_is_printed_with_a_code_that_a_bank_reads(office: Office) -> None:
    company = f"/companies/{office.companies['main']}"
    activity = await office.register(take=True)
    invoices = f"/activities/{activity['id']}/invoices"
    created = (await office.anna.do(invoices, {"amount": rub("1000.00")}))["created"]
    path = f"{invoices}/{created['invoice_id']}/print"
    refused = await office.anna.refused(path, method="GET")
    assert refused.body["missing"] == ["legal_name", "inn", "address", "accounts", "vat"]
    await office.admin.do(company, {"inn": "7707083893"}, "PATCH")
    await office.accountant.do(f"{company}/requisites", REQUISITES, "PATCH")
    pdf = await printed(office, path)
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    number = (await office.anna.see(f"/activities/{activity['id']}"))["invoices"][0]["number"]
    assert f"|Sum=100000|Purpose=Счёт № {number} от " in code.text
    assert (await office.vera.refused(path, method="GET")).status == 404
    history = await office.accountant.see(f"{company}/requisites/history")
    assert history["items"][0]["changed_by"] == office.accountant.id


async def printed(office: Office, path: str) -> bytes:
    headers = {"Authorization": f"Bearer {office.anna.token}"}
    async with office.api.http.get(f"/api/v1{path}", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "application/pdf"
        return await response.read()
