"""Клиент: who is it, what did they buy, who holds them?"""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms, words
from services.gateway.web.finding import find
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 50


@router.get("/clients")
async def show_clients(request: PageRequest) -> Response:
    """Clients by name, INN, phone or e-mail; the newest without words."""
    page = await request.api.read(
        "/clients", q=request.query.get("q"), cursor=request.query.get("after"), limit=_SHOWN
    )
    return await request.show("clients/page.html", page=page, words=request.query.get("q", ""))


@router.get("/clients/{client_id}")
async def show_client(
    request: PageRequest, problem: Problem | None = None, form: str = ""
) -> Response:
    """One client; `form` is the one that was refused, to be open again."""
    client_id = request.ids["client_id"]
    path = f"/clients/{client_id}"
    wanted = request.form.get("find") or request.query.get("find", "")
    client, activities, persons, consents, history, profile, found = await asyncio.gather(
        request.api.read(path),
        request.api.read_or_none("/activities", client_id=client_id, limit=_SHOWN),
        request.api.read_or_none(f"{path}/persons"),
        request.api.read_or_none(f"{path}/consents"),
        request.api.read_or_none(f"{path}/history", cursor=request.query.get("after")),
        request.profile(),
        find(request, "/clients", wanted),
    )
    return await request.show(
        "clients/one.html",
        problem=problem,
        client=client,
        activities=activities,
        persons=persons,
        consents=consents,
        phone_choices=[(phone, phone) for phone in client["phones"]],
        history=history,
        stages=words.STAGES,
        companies=profile.companies,
        sells=profile.has("seller", "head"),
        writes=profile.has("seller", "head", "admin"),
        room=await request.room_id(),
        opened=form or ("merge" if wanted else ""),
        wanted=wanted,
        found=[each for each in found if each["id"] != client["id"]],
        typed=request.form,
    )


@router.post("/clients/{client_id}")
async def change_client(request: PageRequest) -> Response:
    """Changes the name, INN and KPP, and adds a phone or an e-mail."""
    form = request.form
    body: dict[str, Any] = {
        **forms.filled(form, "name"),
        **{name: form[name] or None for name in ("inn", "kpp") if name in form},
        "large": "large" in form,
    }
    for name in ("phones", "emails"):
        if added := request.form_list(f"add_{name}"):
            body[f"add_{name}"] = added
        if removed := request.form_list(f"remove_{name}"):
            body[f"remove_{name}"] = removed
    return await _do(request, "PATCH", "", body, "change", form.get("version"))


@router.post("/clients/{client_id}/persons")
async def add_person(request: PageRequest) -> Response:
    """Adds a contact person."""
    body = {
        **forms.filled(request.form, "name", "position", "note"),
        "phones": request.form_list("phone"),
        "emails": request.form_list("email"),
    }
    return await _do(request, "POST", "/persons", body, "person")


@router.post("/clients/{client_id}/consents")
async def record_consent(request: PageRequest) -> Response:
    """Records a consent, or that a phone is not to be called."""
    body = forms.filled(request.form, "kind", "phone", "source", "text", "person")
    return await _do(request, "POST", "/consents", body, "consent")


@router.post("/clients/{client_id}/merge")
async def merge(request: PageRequest) -> Response:
    """Joins the client with another one, which stays; the address is that one's from then on."""
    into_id = request.form.get("into_client_id", "")
    try:
        await request.act(
            "POST", f"/clients/{request.ids['client_id']}/merge", {"into_client_id": into_id}
        )
    except Refused as refused:
        return await show_client(request, refused.problem, "merge")
    return request.leave_for(f"/clients/{into_id}")


async def _do(
    request: PageRequest,
    method: str,
    path: str,
    body: dict[str, Any],
    form: str,
    version: str | None = None,
) -> Response:
    client = f"/clients/{request.ids['client_id']}"
    try:
        await request.act(method, client + path, body, version)
    except Refused as refused:
        return await show_client(request, refused.problem, form)
    return request.redirect(client)
