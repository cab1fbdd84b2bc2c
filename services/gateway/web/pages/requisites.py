"""Реквизиты: what do a company's papers say of it, and what do they still lack?"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms, words
from services.gateway.web.catalogue import translations
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
Json = dict[str, Any]
_TEXTS = ("legal_name", "kpp", "address", "director_name", "accountant_name")
_ACCOUNT = ("number", "bic", "bank_name", "correspondent_account")
_NEEDED = ("legal_name", "inn", "address", "accounts", "vat")
"""What an invoice cannot be printed without."""
_SHOWN = 20


@router.get("/directory/companies/{company_id}/requisites")
async def show_requisites(request: PageRequest, problem: Problem | None = None) -> Response:
    """What papers say of the company, what they lack, and who changed it."""
    path = _path(request)
    enters = (await request.profile()).has("accountant", "admin")
    company, requisites, changes = await asyncio.gather(
        request.api.read(path.removesuffix("/requisites")),
        request.api.read(path),
        _changes(request, path, enters),
    )
    say = translations(request.language).gettext
    return await request.show(
        "directory/requisites.html",
        problem=problem,
        company=company,
        requisites=requisites,
        missing=[name for name in _NEEDED if not requisites[name]],
        changes=changes,
        enters=enters,
        typed=request.form if problem else {},
        called=words.REQUISITES,
        modes={mode: say(word) for mode, word in words.VAT_MODES.items()},
    )


@router.post("/directory/companies/{company_id}/requisites")
async def change_texts(request: PageRequest) -> Response:
    """Says what the company is called and where it is; an emptied text is removed."""
    return await _change(request, {name: request.form.get(name) or None for name in _TEXTS})


@router.post("/directory/companies/{company_id}/requisites/accounts")
async def change_accounts(request: PageRequest) -> Response:
    """Adds a bank account, takes one off, or lets papers name another one."""
    form, accounts = request.form, (await request.api.read(_path(request)))["accounts"]
    if "remove" in form:
        accounts = [each for each in accounts if each["number"] != form["remove"]]
    elif "first" in form:
        accounts = sorted(accounts, key=lambda each: bool(each["number"] != form["first"]))
    else:
        accounts = [*accounts, forms.filled(form, *_ACCOUNT)]
    return await _change(request, {"accounts": accounts})


@router.post("/directory/companies/{company_id}/requisites/vat")
async def change_vat(request: PageRequest) -> Response:
    """Says from which day on the company pays value added tax in which way, or takes a day off."""
    form, periods = request.form, (await request.api.read(_path(request)))["vat"]
    if "remove" in form:
        periods = [each for each in periods if each["effective_from"] != form["remove"]]
    else:
        periods = [*periods, forms.filled(form, "effective_from", "mode")]
    return await _change(request, {"vat": periods})


async def _change(request: PageRequest, body: Json) -> Response:
    try:
        await request.act("PATCH", _path(request), body, request.form.get("version"))
    except Refused as refused:
        return await show_requisites(request, refused.problem)
    return request.redirect(f"/directory{_path(request)}")


async def _changes(request: PageRequest, path: str, enters: bool) -> list[Json]:
    """Who changed what, for those who may; none where that is not to be had now."""
    page = await request.api.read_or_none(f"{path}/history", limit=_SHOWN) if enters else None
    return [{**each, "changed": _changed(each)} for each in page["items"]] if page else []


def _path(request: PageRequest) -> str:
    return f"/companies/{request.ids['company_id']}/requisites"


def _changed(change: Mapping[str, Any]) -> Sequence[str]:
    """The names of what a change made different."""
    before, after = change["before"] or {}, change["after"]
    return [name for name in after if (after[name] or None) != (before.get(name) or None)]
