"""The way from request to money of an entry, in the caller's language."""

from services.motivation.api.entries import ChainView
from shared.ids import ActivityId, new_id
from tests.integration.motivation.api import TenantApi


async def test_an_entry_tells_how_it_came_about(api: TenantApi) -> None:
    tenant, activity = api.tenant, ActivityId(new_id())
    anna, boris, _ = tenant.sellers
    await api.plan()
    await api.publish(*tenant.directory(), tenant.event(activity, 1, tenant.state("1000")))
    (line,) = (await api.statement("50.00"))["lines"]
    await api.publish(tenant.event(activity, 2, tenant.state("400")))
    await api.statement("20.00")
    seller = api.user("seller", employee=anna, rooms=(tenant.room,))
    path = f"/entries/{line['id']}/chain"
    status, chain = await seller.send("GET", path, **{"Accept-Language": "ru"})
    assert status == 200
    assert ChainView.model_validate(chain).model_dump(mode="json") == chain
    assert [step["text"].replace("\u00a0", " ") for step in chain["steps"]] == [
        "Успешно обработана",
        "Начислено 50,00 ₽: 5 % от поступлений, учтено 1 000,00 ₽ из 1 000,00 ₽, первая продажа",
        "Исправлено на -30,00 ₽: 5 % от поступлений, учтено 400,00 ₽ из 400,00 ₽,"
        " первая продажа, раньше начислено 50,00 ₽, по фактам полагается 20,00 ₽",
    ]
    english = (await seller.send("GET", path))[1]
    text = english["steps"][1]["text"].replace("\u00a0", " ")
    assert text.startswith("50.00 RUB accrued: 5 % of receipts")
    other = api.user("seller", employee=boris, rooms=(tenant.room,))
    assert (await other.send("GET", path))[0] == 404
