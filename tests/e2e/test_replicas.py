"""Replicas are compared with their owner, and money that was missed is refilled from it."""

from typing import Any

import asyncpg

from tests.e2e.conftest import Product
from tests.e2e.office import Office
from tests.support.consumption import Consumption
from tests.support.money import rub
from tests.support.operator import operate

RECEIPTS = "SELECT * FROM receipt WHERE tenant_id = $1 ORDER BY id"


async def sell(office: Office) -> None:
    """Everything that moves money: several payments, one of them struck out, a refund, a hand-over
    in between, a move to another room, a VIP, a merged client.
    """
    client = await office.anna.do("/clients", office.stranger())
    vip = {"client_id": client["id"], "company_id": office.companies["main"]}
    await office.anna.do("/vip", {**vip, "room_id": office.rooms["front"]})
    activity = await office.register(by=office.anna, client_id=client["id"], take=True)
    path = f"/activities/{activity['id']}"
    await office.anna.do(f"{path}/payments", {"amount": rub("100.00")})
    await office.head.do(f"{path}/assign", {"employee_id": office.boris.id})
    paid = await office.boris.do(f"{path}/payments", {"amount": rub("300.00")})
    await office.accountant.do(f"{path}/refunds", {"amount": rub("50.00"), "reason": "скидка"})
    struck = paid["created"]["payment_id"]
    await office.accountant.do(f"{path}/payments/{struck}/strike", {"reason": "ошибка"})
    await office.boris.do(f"{path}/payments", {"amount": rub("900.00")})
    move = {"room_id": office.rooms["back"], "reason": "ближе", "employee_id": office.vera.id}
    await office.admin.do(f"{path}/move", move)
    await office.vera.do(f"{path}/payments", {"amount": rub("5.00")})
    twin = await office.register(by=office.anna, take=True)
    await office.anna.do(f"/activities/{twin['id']}/payments", {"amount": rub("11.00")})
    merge = {"into_client_id": client["id"]}
    await office.admin.do(f"/clients/{twin['client']['id']}/merge", merge)
    lost = await office.register(by=office.anna, take=True)
    await office.anna.do(f"/activities/{lost['id']}/lose", {"reason": "дорого"})
    await office.accountant.do(f"/activities/{lost['id']}/payments", {"amount": rub("77.00")})


async def ask(product: Product, service: str, statement: str, *values: Any) -> list[Any]:
    connection = await asyncpg.connect(product.installation.admin_url(service))
    try:
        return [dict(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


async def compared(product: Product, office: Office, service: str) -> tuple[int, list[str]]:
    return await operate(
        product.installation, service, "replicas", "compare", "--tenant", office.tenant_id
    )


DAMAGES = {
    "vip": {
        "UPDATE client SET large = NOT large": ("client", "differs in large"),
        "DELETE FROM person": ("person", "missing here"),
        "UPDATE room_settings SET reset_days = 1": ("room_settings", "differs in reset_days"),
    },
    "motivation": {
        "UPDATE employee SET active = false": ("employee", "differs in active"),
        "UPDATE company SET version = 99": ("company", "differs in version"),
        "UPDATE room SET room_id = gen_random_uuid()": ("room", "not at its owner"),
    },
    "activities": {
        "UPDATE vip_holder SET responsible_id = NULL": (
            "vip_holder",
            "differs in responsible_id",
        ),
    },
}


async def test_damaged_replicas_are_named(
    product: Product, office: Office, consumption: Consumption
) -> None:
    await sell(office)
    await office.set_room_settings(vip_reset_days=40)
    await consumption.settle()
    for service, damages in DAMAGES.items():
        code, lines = await compared(product, office, service)
        assert (code, lines[-1].endswith(" 0 differences")) == (0, True), lines
        assert int(lines[-1].split()[0]) > 0
        for damage in damages:
            assert await ask(
                product, service, f"{damage} WHERE tenant_id = $1 RETURNING 1", office.tenant_id
            )
        code, lines = await compared(product, office, service)
        assert code == 1
        for table, problem in damages.values():
            beginning = f"tenant {office.tenant_id} {table} "
            assert any(line.startswith(beginning) and line.endswith(problem) for line in lines)


async def test_money_of_any_age_is_refilled_from_its_owner(
    product: Product, office: Office, consumption: Consumption
) -> None:
    await sell(office)
    await consumption.settle()
    before = await ask(product, "vip", RECEIPTS, office.tenant_id)
    assert len(before) >= 6
    # Published longer ago than any outbox keeps.
    await ask(product, "activities", "DELETE FROM outbox WHERE tenant_id = $1", office.tenant_id)
    await ask(product, "vip", "DELETE FROM receipt WHERE tenant_id = $1", office.tenant_id)
    refill = ("refill-receipts", "--tenant", office.tenant_id)
    said = await operate(product.installation, "vip", *refill)
    assert said == (0, [f"{len(before)} receipts were missing"])
    assert await ask(product, "vip", RECEIPTS, office.tenant_id) == before
    assert await operate(product.installation, "vip", *refill) == (
        0,
        ["0 receipts were missing"],
    )
