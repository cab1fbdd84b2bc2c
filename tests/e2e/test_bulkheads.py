"""What one tenant does, no other notices."""

from decimal import Decimal

from shared.money import LARGEST
from tests.e2e.office import Office
from tests.support.consumption import Consumption
from tests.support.money import rub

WHOLE = {"kind": "percent_of_receipts", "percent": "100.00"}
MOST = str(LARGEST)


def money(amount: Decimal) -> dict[str, str]:
    """Roubles as the API has them."""
    return rub(f"{amount:.2f}")


async def test_two_largest_sales_of_a_vip_are_read_everywhere(
    office: Office, consumption: Consumption
) -> None:
    before = await consumption.dead_letters()
    await office.publish_plan([WHOLE, {"kind": "fixed", "amount": rub(MOST)}])
    client = await office.anna.do("/clients", office.stranger())
    vip = {"client_id": client["id"], "company_id": office.companies["main"]}
    await office.anna.do("/vip", {**vip, "room_id": office.rooms["front"]})
    dearest = {"product_id": office.products["plain"], "price": rub(MOST)}
    for _ in range(2):
        activity = await office.register(
            by=office.anna, client_id=client["id"], take=True, products=[dearest]
        )
        path = f"/activities/{activity['id']}"
        await office.anna.do(f"{path}/invoices", {"amount": rub(MOST)})
        won = await office.anna.do(f"{path}/payments", {"amount": rub(MOST)})
        assert won["status"] == "won"
    await consumption.settle()
    assert await consumption.dead_letters() == before
    for user in (office.anna, office.head):
        (held,) = (await user.see("/vip"))["items"]
        assert held["receipts"] == money(2 * LARGEST)
    statement = await office.anna.see("/motivation/statement")
    assert statement["total"] == money(4 * LARGEST)
    assert (await office.anna.see("/desk"))["pay"]["total"] == money(4 * LARGEST)
    assert (await office.accountant.see("/motivation/wins-without-pay"))["items"] == []


async def test_a_zone_that_only_this_machine_knows_is_refused(office: Office) -> None:
    zones = (await office.admin.see("/time-zones"))["items"]
    assert "Europe/Moscow" in {zone["name"] for zone in zones}
    body = {"name": "ООО Пояс", "time_zone": "right/Europe/Moscow"}
    refused = await office.admin.refused("/companies", body)
    assert refused.fields == {"time_zone": "time_zone"}
