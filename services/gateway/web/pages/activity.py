"""Активность: what blocks the win? The checklist, and each fact as a form that records it."""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from starlette.responses import Response

from services.gateway.errors import PathNotFound
from services.gateway.web import forms, words
from services.gateway.web.formats import Formats
from services.gateway.web.loss_reasons import Reasons
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from services.gateway.web.undoing import Undo

router = PageRouter()
Json = dict[str, Any]
Body = Callable[[forms.Form, str, str], Json]
"""What the API takes, of a posted form, the currency, and the company's zone."""


class Fact(NamedTuple):
    """A fact that a form records: the form that is opened again where it is refused."""

    form: str
    body: Body


def _interaction(form: forms.Form, _: str, zone: str) -> Json:
    return {
        "kind": form.get("kind", ""),
        **forms.filled(form, "note", "step_end"),
        **forms.next_step(form, zone),
    }


def _invoice(form: forms.Form, currency: str, _: str) -> Json:
    amount = forms.money(form, "amount", currency)
    return {"amount": amount, **forms.filled(form, "number", "due_on")}


def _payment(form: forms.Form, currency: str, _: str) -> Json:
    amount = forms.money(form, "amount", currency)
    return {"amount": amount, **forms.filled(form, "invoice_id", "paid_at")}


def _refund(form: forms.Form, currency: str, _: str) -> Json:
    amount = forms.money(form, "amount", currency)
    return {"amount": amount, **forms.filled(form, "payment_id", "product_id", "reason")}


def _shares(form: forms.Form, _: str, __: str) -> Json:
    shares = [
        {"employee_id": name.removeprefix("share_"), "share": forms.share_of(value)}
        for name, value in form.items()
        if name.startswith("share_") and value
    ]
    return {"shares": shares}


def _fields(*names: str) -> Body:
    return lambda form, _, __: forms.filled(form, *names)


FACTS: Mapping[str, Fact] = {
    "interactions": Fact("talk", _interaction),
    "invoices": Fact("bill", _invoice),
    "payments": Fact("pay", _payment),
    "refunds": Fact("refund", _refund),
    "shipments": Fact("ship", _fields("shipped_on", "note")),
    "documents": Fact("papers", _fields("state", "number", "on")),
    "release": Fact("release", _fields("reason")),
    "lose": Fact("lose", _fields("reason", "reason_id")),
    "split": Fact("split", _shares),
    "assign": Fact("assign", lambda form, _, __: {"employee_id": form.get("employee_id") or None}),
    "take": Fact("", _fields()),
    "reopen": Fact("", _fields()),
}
"""Each posts to the API's path of its name."""
DEEDS = frozenset({"cancel", "confirm", "strike"})
"""What is done with an invoice or a payment."""
SPLIT_DEEDS = frozenset({"accept", "decline"})
"""How a proposed split of the pay is answered."""


@router.get("/activities/{activity_id}")
async def show_activity(
    request: PageRequest, problem: Problem | None = None, opened: str = ""
) -> Response:
    """The activity whole; `opened` is the form that a problem stands in."""
    activity = await request.api.read(f"/activities/{request.ids['activity_id']}")
    room_id = UUID(activity["room_id"])
    heads = request.caller.oversees(room_id)
    mine = activity["responsible_id"] == str(request.caller.employee_id)
    may_lose = (mine or heads) and activity["status"] in ("free", "in_work")
    names, client, reasons, staff = await asyncio.gather(
        request.directory(),
        _client(request, activity["client"]["id"]),
        _reasons(request, activity["company_id"]) if may_lose else _nobody(),
        _items(request, "/employees", limit=200) if heads or mine else _nobody(),
    )
    f = request.formats(names.zone_of(activity["company_id"]))
    return await request.show(
        "activity/page.html",
        problem=problem,
        a=activity,
        client=client,
        f=f,
        reasons=reasons,
        sellers=[(person["id"], person["name"]) for person in staff if _sells(person, room_id)],
        shares=_percents(activity["shares"], f),
        proposed=_percents((activity["split_proposal"] or {"shares": []})["shares"], f),
        bills=[
            (bill["id"], _bill(bill, f)) for bill in activity["invoices"] if not bill["cancelled"]
        ],
        order=[
            (line["product_id"], names.product(line["product_id"])) for line in activity["products"]
        ],
        opened=opened or request.query.get("open", ""),
        typed=request.form if problem else {},
        group=request.query.get("show", ""),
        mine=mine,
        own_id=str(request.caller.employee_id),
        heads=heads,
        sells=request.caller.sells_in(room_id),
        books=request.caller.has_any({"accountant", "admin"}),
        words=words,
    )


@router.get("/activities/{activity_id}/peek")
async def peek_activity(request: PageRequest) -> Response:
    """The activity in short, beside the list that it stands in."""
    activity = await request.api.read(f"/activities/{request.ids['activity_id']}")
    client, names = await asyncio.gather(
        _client(request, activity["client"]["id"]), request.directory()
    )
    return await request.show(
        "activity/peek.html",
        block="peek" if request.wants_fragment else "main",
        a=activity,
        client=client,
        f=request.formats(names.zone_of(activity["company_id"])),
        words=words,
    )


@router.post("/activities/{activity_id}/{fact}")
async def record_fact(request: PageRequest) -> Response:
    """Records what a form says, and shows what came of it."""
    fact = FACTS.get(request.ids["fact"])
    if fact is None:
        raise PathNotFound("path")
    path = f"/activities/{request.ids['activity_id']}"
    activity, names = await asyncio.gather(request.api.read(path), request.directory())
    currency, zone = activity["agreed"]["currency"], names.zone_of(activity["company_id"])
    try:
        await request.act(
            "POST", f"{path}/{request.ids['fact']}", fact.body(request.form, currency, zone)
        )
    except Refused as refused:
        return await show_activity(request, refused.problem, fact.form)
    return request.redirect(request.back(path), _undo(request, path, activity["responsible_id"]))


def _undo(request: PageRequest, path: str, responsible_id: str | None) -> Undo | None:
    """How the fact that was recorded is undone, where one press can; `responsible_id` had the
    activity before.
    """
    fields = {"back": request.back(path)}
    if request.ids["fact"] == "lose":
        return Undo("lost", f"{path}/reopen", fields)
    if request.ids["fact"] == "assign":
        former, named = responsible_id or "", request.form.get("employee_id", "")
        if former != named:
            fields["employee_id"] = former
            return Undo("assigned" if named else "taken_away", f"{path}/assign", fields)
    return None


@router.post("/activities/{activity_id}/invoices/{invoice_id}/{deed}")
async def change_invoice(request: PageRequest) -> Response:
    """Cancels an invoice, with a reason."""
    return await _change(request, "invoices", request.ids["invoice_id"])


@router.post("/activities/{activity_id}/payments/{payment_id}/{deed}")
async def change_payment(request: PageRequest) -> Response:
    """Confirms a payment, or strikes it out."""
    return await _change(request, "payments", request.ids["payment_id"])


@router.post("/activities/{activity_id}/split/{proposal_id}/{split_deed}")
async def answer_split(request: PageRequest) -> Response:
    """Agrees to share the pay as proposed, or ends the proposal."""
    path, deed = f"/activities/{request.ids['activity_id']}", request.ids["split_deed"]
    if deed not in SPLIT_DEEDS:
        raise PathNotFound("path")
    try:
        await request.act("POST", f"{path}/split/{request.ids['proposal_id']}/{deed}")
    except Refused as refused:
        return await show_activity(request, refused.problem, "split")
    return request.redirect(path)


@router.get("/activities/{activity_id}/invoices/{invoice_id}/print")
async def print_invoice(request: PageRequest) -> Response:
    """The invoice as a PDF."""
    ids = request.ids
    path = f"/activities/{ids['activity_id']}/invoices/{ids['invoice_id']}/print"
    return request.file(await request.api.response(path))


async def _change(request: PageRequest, noun: str, id_: str) -> Response:
    path, deed = f"/activities/{request.ids['activity_id']}", request.ids["deed"]
    if deed not in DEEDS:
        raise PathNotFound("path")
    try:
        await request.act(
            "POST", f"{path}/{noun}/{id_}/{deed}", forms.filled(request.form, "reason")
        )
    except Refused as refused:
        return await show_activity(request, refused.problem, noun)
    return request.redirect(path)


async def _client(request: PageRequest, client_id: str) -> Json | None:
    """The client's contacts; None where the caller may not have them, or they are not to be had."""
    try:
        client: Json | None = await request.api.read_or_none(f"/clients/{client_id}")
    except Refused:
        return None
    return client


async def _items(request: PageRequest, path: str, **query: Any) -> list[Json]:
    """The items of a list; none where the caller may not have it, or it is not to be had."""
    try:
        page = await request.api.read_or_none(path, **query)
    except Refused:
        return []
    return list(page["items"]) if page else []


async def _reasons(request: PageRequest, company_id: str) -> Reasons:
    return await request.parts.loss_reasons.of(request.caller.tenant_id, company_id, request.api)


async def _nobody() -> list[Any]:
    return []


def _sells(person: Json, room_id: UUID) -> bool:
    return person["active"] and "seller" in person["roles"] and str(room_id) in person["room_ids"]


def _bill(invoice: Json, f: Formats) -> str:
    return f"{invoice['number'] or f.day(invoice['issued_at'])} · {f.money(invoice['amount'])}"


def _percents(shares: list[Json], f: Formats) -> Mapping[str, str]:
    """The parts of a split by employee."""
    return {part["employee_id"]: f.percent(Decimal(part["share"]) * 100) for part in shares}
