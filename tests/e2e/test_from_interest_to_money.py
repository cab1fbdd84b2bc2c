"""5. From first interest to money and signed documents, and the ends."""

from typing import Any

from tests.e2e.office import Office
from tests.support.money import rub


async def _wins(office: Office, activity: dict[str, Any]) -> int:
    seen = await office.anna.see(f"/activities/{activity['id']}")
    return [entry["what"] for entry in seen["timeline"]].count("activity.won")


async def test_a_prepaid_order_is_won_once_when_its_documents_are_signed(
    office: Office,
) -> None:
    activity = await office.register("goods", take=True)
    path = f"/activities/{activity['id']}"
    step = {"what": "Отправить договор", "due_at": "2030-01-15T10:00:00+03:00"}
    now = await office.anna.do(
        f"{path}/interactions", {"kind": "meeting", "note": "Договорились", "next_step": step}
    )
    assert now["next_step"] == {"what": "Отправить договор", "due_at": "2030-01-15T07:00:00Z"}
    assert not any(value for name, value in now["checklist"].items() if name != "overdue")

    now = await office.anna.do(
        f"{path}/invoices", {"amount": rub("2500.50"), "number": "17", "due_on": "2030-01-20"}
    )
    assert (now["stage"], now["invoiced"]) == ("invoiced", rub("2500.50"))
    now = await office.accountant.do(
        f"{path}/payments", {"amount": rub("0.50"), "external_id": "п/п 1"}
    )
    assert (now["stage"], now["paid"]) == ("part_paid", rub("0.50"))
    now = await office.accountant.do(
        f"{path}/payments", {"amount": rub("0.50"), "external_id": "п/п 1"}
    )
    assert now["paid"] == rub("0.50"), "the bank's own id came twice"
    now = await office.anna.do(f"{path}/payments", {"amount": rub("2500.00")})
    assert (now["stage"], now["status"], now["checklist"]["fully_paid"]) == (
        "paid",
        "in_work",
        True,
    )
    now = await office.anna.do(f"{path}/shipments", {"shipped_on": "2026-11-01"})
    assert (now["stage"], now["status"]) == ("shipped", "in_work")
    now = await office.anna.do(f"{path}/documents", {"state": "sent", "number": "УПД-1"})
    assert now["status"] == "in_work"
    won = await office.anna.do(
        f"{path}/documents", {"state": "signed", "number": "УПД-1", "on": "2026-11-02"}
    )
    assert (won["stage"], won["status"], won["reset_due_at"]) == ("won", "won", None)
    assert won["won_at"] and won["next_step"]["what"] == "Отправить договор", "a promise stays one"

    more = await office.anna.do(f"{path}/payments", {"amount": rub("1.00")})
    again = await office.anna.do(f"{path}/documents", {"state": "signed"})
    assert more["won_at"] == again["won_at"] == won["won_at"] and await _wins(office, activity) == 1


async def test_a_postpaid_order_is_won_by_itself_when_the_last_payment_comes(
    office: Office,
) -> None:
    activity = await office.register("goods", "plain", take=True)
    path = f"/activities/{activity['id']}"
    assert (await office.anna.do(f"{path}/shipments", {}))["stage"] == "shipped"
    assert (await office.anna.do(f"{path}/documents", {"state": "signed"}))[
        "stage"
    ] == "documents_signed"
    assert (await office.anna.do(f"{path}/invoices", {"amount": rub("3500.50")}))[
        "status"
    ] == "in_work"
    assert (await office.anna.do(f"{path}/payments", {"amount": rub("3500.49")}))[
        "status"
    ] == "in_work"
    assert (await office.anna.do(f"{path}/payments", {"amount": rub("0.01")}))["status"] == "won"
    assert await _wins(office, activity) == 1


async def test_what_is_not_delivered_is_won_with_the_payment_that_covers_the_order(
    office: Office,
) -> None:
    activity = await office.register("plain", take=True)
    path = f"/activities/{activity['id']}"
    await office.anna.do(f"{path}/invoices", {"amount": rub("1000.00")})
    assert (await office.anna.do(f"{path}/payments", {"amount": rub("999.99")}))[
        "status"
    ] == "in_work"
    assert (await office.anna.do(f"{path}/payments", {"amount": rub("0.01")}))["status"] == "won"
    assert await _wins(office, activity) == 1


async def test_a_whole_refund_takes_the_win_back_and_a_new_payment_wins_again(
    office: Office,
) -> None:
    won = await office.win(office.anna, "plain")
    path = f"/activities/{won['id']}"
    too_much = await office.accountant.refused(
        f"{path}/refunds", {"amount": rub("1000.01"), "reason": "ошибка"}
    )
    assert (too_much.code, too_much.body["left"]) == ("refund_exceeds_paid", rub("1000.00"))
    part = await office.accountant.do(
        f"{path}/refunds", {"amount": rub("400.00"), "reason": "скидка"}
    )
    assert (part["status"], part["paid"]) == ("won", rub("600.00"))
    back = await office.accountant.do(
        f"{path}/refunds", {"amount": rub("600.00"), "reason": "расторгли"}
    )
    assert (back["status"], back["won_at"], back["paid"]) == ("in_work", None, rub("0.00"))
    assert (await office.accountant.do(f"{path}/payments", {"amount": rub("1000.00")}))[
        "status"
    ] == "won"
    assert await _wins(office, won) == 2


async def test_what_is_lost_has_a_reason_and_can_be_reopened(office: Office) -> None:
    activity = await office.register("plain", take=True)
    path = f"/activities/{activity['id']}"
    assert (await office.anna.refused(f"{path}/lose", {})).fields == {"reason": "missing"}
    assert (await office.boris.refused(f"{path}/lose", {"reason": "чужая"})).code == "forbidden"
    lost = await office.anna.do(f"{path}/lose", {"reason": "Дорого"})
    assert (lost["status"], lost["stage"], lost["lost_reason"]) == ("lost", "lost", "Дорого")
    assert (
        await office.anna.refused(f"{path}/interactions", {"kind": "call"})
    ).code == "not_in_work"
    assert (await office.boris.refused(f"{path}/take")).code == "not_free"
    again = await office.anna.do(f"{path}/reopen")
    assert (again["status"], again["responsible_id"], again["lost_reason"]) == (
        "in_work",
        office.anna.id,
        None,
    )
    await office.anna.do(f"{path}/payments", {"amount": rub("1.00")})
    assert (await office.anna.refused(f"{path}/lose", {"reason": "передумали"})).code == "has_money"


async def test_what_nobody_had_is_free_again_when_it_is_reopened(office: Office) -> None:
    activity = await office.register("plain")
    await office.anna.do(
        f"/activities/{activity['id']}/lose", {"reason": "Отказ при первом звонке"}
    )
    assert (await office.boris.do(f"/activities/{activity['id']}/reopen"))["status"] == "free"
