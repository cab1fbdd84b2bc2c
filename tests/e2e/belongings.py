"""One of everything in an office, by the names that the API gives to places for ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.office import Office
from tests.e2e.operations import BROWSER
from tests.support.bank_file import BankPayment, bank_file
from tests.support.client import User
from tests.support.money import rub
from tests.support.wait import eventually

SAME = {
    "product_ids": "product_id",
    "default_source_id": "source_id",
    "company_ids": "company_id",
    "room_ids": "room_id",
    "cursor": "key_id",
    "key": "key_id",
    "into_client_id": "other_client_id",
    "head_client_id": "other_client_id",
    "reason_id": "loss_reason_id",
    "actor_id": "employee_id",
    "target_id": "employee_id",
    "headed_room_ids": "room_id",
    "recipients": "employee_id",
    "employee_ids": "employee_id",
    "ids": "activity_id",
    "id": "choice_id",
    "thing_id": "employee_id",
}
"""Other names of the same place; a cursor that is an id is that of a key."""

INNS = {"front": ("7707083893", "7736207543"), "back": ("7702070139", "7728168971")}
"""Of the clients of each room: what differs in them is not merged."""


@dataclass(frozen=True)
class Belongings:
    """`ids` by place; `of_the_room` are those that only its people may see; `secrets` are texts
    that no stranger may read.
    """

    office: Office
    ids: Mapping[str, str]
    secrets: frozenset[str]

    of_the_room = frozenset(
        {
            "room_id",
            "activity_id",
            "invoice_id",
            "payment_id",
            "proposal_id",
            "vip_id",
            "contract_id",
            "renewal_id",
            "plan_id",
            "simulation_id",
            "what_if_id",
            "entry_id",
            "adjustment_id",
            "dispute_id",
            "key_id",
            "session_id",
            "notification_id",
            "subscription_id",
            "client_id",
            "other_client_id",
            "person_id",
            "absence_id",
            "message_id",
            "job_id",
            "import_id",
            "employee_id",
            "responsible_id",
        }
    )

    def id(self, place: str) -> str:
        """Raises `KeyError` for a place that nobody has thought of: furnish the office with one."""
        return self.ids[SAME.get(place, place)]


async def furnish(office: Office, room: str = "front", seller: User | None = None) -> Belongings:
    """Something of every kind, all of it in one room and its seller's: Anna's in `front` unless
    said otherwise.
    """
    seller, room_id = seller or office.anna, office.rooms[room]
    rules = [{"kind": "percent_of_receipts", "percent": "5.00"}]
    plan = await office.publish_plan(rules, room=room)
    inn, other_inn = INNS[room]
    won = await office.win(
        seller, "plain", "goods", room_id=room_id, client={**office.stranger(), "inn": other_inn}
    )
    contract = await office.win(seller, "odd", room_id=room_id)
    renewals = await seller.see(f"/renewals?contract_id={contract['id']}")
    (renewal,) = renewals["items"]
    activity = await office.register(
        "goods",
        by=seller,
        take=True,
        note="Тайная заметка",
        room_id=room_id,
        client={**office.stranger(), "inn": inn},
    )
    path = f"/activities/{activity['id']}"
    await seller.do(f"{path}/invoices", {"amount": rub("2500.50"), "number": f"СЧ-{room}"})
    await seller.do(f"{path}/payments", {"amount": rub("500.00")})
    colleague = office.boris if seller is office.anna else office.people["gleb"]
    halves = [{"employee_id": each.id, "share": "0.5"} for each in (seller, colleague)]
    await seller.do(f"{path}/split", {"shares": halves})
    seen = await seller.see(path)
    free = await office.register(by=seller, room_id=room_id)
    inbound_payment = await office.accountant.do(
        "/inbound/payments",
        {
            "external_id": f"erp-{room}",
            "company_id": office.companies["main"],
            "amount": rub("1.00"),
            "received_on": "2026-11-20",
            "payer": {"inn": inn, "name": f"Тайный плательщик, {room}"},
        },
    )
    wanted = {
        "company_id": office.companies["main"],
        "room_id": room_id,
        "client_id": activity["client"]["id"],
    }
    vip = await seller.do("/vip", wanted)
    key = (
        await office.admin.call("POST", "/api-keys", {"name": "Зарплата", "scopes": ["payroll"]})
    ).body

    about = {"name": f"Контакт, {room}", "note": "Тайное о человеке"}
    person = await seller.do(f"/clients/{activity['client']['id']}/persons", about)
    days = {"kind": "vacation", "first_on": "2027-03-01", "last_on": "2027-03-05"}
    absence = await office.admin.do(f"/employees/{seller.id}/absences", days)
    telephony = {"name": f"АТС, {room}", "api_key": f"vpbx-{room}", "salt": "Тайная соль"}
    telephony_account = await office.admin.do("/telephony-accounts", telephony)
    listed = {"company_id": office.companies["main"], "name": f"Дорого, {room}"}
    reason = await office.admin.do("/loss-reasons", listed)
    fields = f"/companies/{office.companies['main']}/custom-fields"
    choices = [{"name": f"Опт, {room}"}]
    choice = {"name": f"Сегмент, {room}", "kind": "choice", "choices": choices}
    custom_field = await office.admin.do(fields, choice)
    kept = f"/clients/{activity['client']['id']}/custom-values"
    (option,) = custom_field["choices"]
    answer = await seller.call(
        "PATCH",
        f"{kept}?company_id={office.companies['main']}",
        {"values": {custom_field["id"]: option["id"]}},
    )
    assert answer.status == 200, answer.body
    query = f"filename=bank.txt&company_id={office.companies['main']}"
    upload = await office.accountant.call(
        "POST",
        f"/bank-statements?{query}",
        data=bank_file([BankPayment(f"№ {room}", "1.00", "Взнос", name=f"Плательщик, {room}")]),
    )
    assert upload.status == 202, upload.body
    lines = f"/bank-statements/{upload.body['id']}/lines"

    async def read() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await office.accountant.see(lines))["items"]
        return items

    (bank_line, *_) = await eventually(read)
    table = f"Название;Телефон\nИмпорт, {room};\n".encode()
    place = f"company_id={office.companies['main']}&room_id={room_id}"
    uploaded = await office.admin.call(
        "POST", f"/imports?filename=t.csv&kind=clients&{place}", data=table
    )
    assert uploaded.status == 201, uploaded
    check = await office.admin.do(f"/imports/{uploaded.body['id']}/check")

    async def checked() -> Any:
        return (await office.admin.see(f"/jobs/{check['id']}"))["finished_at"]

    await eventually(checked)
    # Begun and not confirmed: there is something to reset, and nobody is asked for it.
    await office.anna.do("/me/second-factor", {"password": office.anna.password})
    form = {"username": office.anna.username, "password": office.anna.password}
    await office.anna.call("POST", "/auth/token", data=form)
    sessions = (await office.anna.see("/me/sessions"))["items"]
    (session, *_) = (each for each in sessions if not each["current"])

    site_form = await office.admin.do(
        "/inbound/site-forms",
        {
            "name": f"Сайт, {room}",
            "form_id": room,
            "company_id": office.companies["main"],
            "room_id": room_id,
        },
    )
    number = {"front": "+74951110001", "back": "+74951110002"}[room]
    our_number = await office.admin.do(
        "/inbound/numbers", {"number": number, "source_id": office.sources["cold"]}
    )
    message = await seller.do(
        "/inbound/requests", {"name": "Тайное имя", "phone": "нет", "room_id": room_id}
    )

    async def paid() -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = (await seller.see("/motivation/statement"))["lines"]
        return lines

    (line, *_) = await eventually(paid)

    objection = {"entry_id": line["id"], "reason": f"Тайное возражение, {room}"}
    dispute = await seller.do("/motivation/disputes", objection)
    settings = {"adjustment_limit": rub("1000.00"), "dispute_days": 5}
    limited = f"/motivation/settings?company_id={office.companies['main']}"
    assert (await office.admin.call("PUT", limited, settings)).status == 200
    large = {"employee_id": seller.id, "amount": rub("1000.01"), "reason": "Тайная премия"}
    adjustment = await office.accountant.do(
        "/motivation/adjustments",
        {**large, "company_id": office.companies["main"], "room_id": room_id},
    )
    browser = {"endpoint": f"https://push.example.com/{seller.id}", "keys": BROWSER}
    subscription = await seller.do("/me/push-subscriptions", browser)
    called = f"Тайный вид, {room_id}"
    overdue = {"screen": "board", "name": called, "filters": {"step": "late"}}
    view = await seller.do("/views", overdue)

    async def notified() -> list[dict[str, Any]]:
        notifications: list[dict[str, Any]] = (await seller.see("/notifications"))["items"]
        return notifications

    (notification, *_) = await eventually(notified)
    # Each change of the room settings made one, which its admin owns.
    (job, *_) = (await office.admin.see("/jobs"))["items"]
    simulation = await office.admin.do(f"/motivation/plans/{plan['id']}/simulate")
    asked = {"room_id": room_id, "company_id": office.companies["main"], "quarter": "2026-Q3"}
    what_if = await office.admin.do("/motivation/what-if", {**asked, "settings": {}})
    spent = {"amount": rub("1000.00"), "first_on": "2026-11-01", "room_id": room_id}
    cost = await office.admin.do(f"/sources/{office.sources['cold']}/costs", spent)
    ids = {
        "cost_id": cost["id"],
        "company_id": office.companies["main"],
        "tenant_id": office.tenant_id,
        "room_id": room_id,
        "employee_id": seller.id,
        "responsible_id": seller.id,
        "colleague_id": colleague.id,
        "client_id": activity["client"]["id"],
        "other_client_id": won["client"]["id"],
        "person_id": person["id"],
        "absence_id": absence["id"],
        "telephony_account_id": telephony_account["id"],
        "job_id": job["id"],
        "import_id": uploaded.body["id"],
        "product_id": office.products["plain"],
        "source_id": office.sources["cold"],
        "activity_id": activity["id"],
        "loss_reason_id": reason["id"],
        "custom_field_id": custom_field["id"],
        "site_form_id": site_form["id"],
        "our_number_id": our_number["id"],
        "message_id": message["id"],
        "choice_id": option["id"],
        "statement_id": upload.body["id"],
        "line_id": bank_line["id"],
        "invoice_id": seen["invoices"][0]["id"],
        "payment_id": seen["payments"][0]["id"],
        "proposal_id": seen["split_proposal"]["id"],
        "inbound_payment_id": inbound_payment["id"],
        "vip_id": vip["id"],
        "contract_id": contract["id"],
        "renewal_id": renewal["id"],
        "plan_id": plan["id"],
        "simulation_id": simulation["id"],
        "what_if_id": what_if["id"],
        "entry_id": line["id"],
        "adjustment_id": adjustment["id"],
        "dispute_id": dispute["id"],
        "key_id": key["id"],
        "session_id": session["id"],
        "notification_id": notification["id"],
        "subscription_id": subscription["id"],
        "view_id": view["id"],
        "admin_id": office.admin.id,
        "to": office.boris.id,
    }
    more = {
        office.tenant_id,
        won["id"],
        free["id"],
        *office.rooms.values(),
        *office.products.values(),
        *office.sources.values(),
    }
    names = (
        {each["client"]["name"] for each in (won, activity, free)}
        | {
            person["name"],
            person["note"],
            objection["reason"],
            large["reason"],
            bank_line["other"]["name"],
            inbound_payment["payer"]["name"],
            f"Импорт, {room}",
            called,
        }
        | {person.username for person in office.people.values()}
    )
    return Belongings(
        office,
        ids,
        frozenset(
            {*ids.values(), *more, *names, *(person.id for person in office.people.values())}
        ),
    )
