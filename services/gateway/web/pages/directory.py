"""Справочник: who and what is set up? What is missing to begin selling stands first."""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response

from services.gateway.errors import PathNotFound
from services.gateway.web.catalogue import translations
from services.gateway.web.directory import Directory
from services.gateway.web.nouns import CODES, EMPLOYEES, KEYS, NOUNS, PRODUCTS, WORDS, Json, Noun
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 100
_FIRST = 1
Choices = Mapping[str, list[tuple[str, str]]]


@router.get("/directory")
async def show_directory(request: PageRequest) -> Response:
    """What there is of each noun, and the first one that is missing."""
    pages = await asyncio.gather(
        *(request.api.read_or_none(f"/{path}", limit=_FIRST) for path in NOUNS)
    )
    overview = [
        (noun, page is None or bool(page["items"]))
        for noun, page in zip(NOUNS.values(), pages, strict=True)
    ]
    return await request.show("directory/page.html", overview=overview, nouns=NOUNS)


@router.get("/directory/{noun}")
async def show_noun(
    request: PageRequest,
    problem: Problem | None = None,
    made: Json | None = None,
    link: str | None = None,
) -> Response:
    """One list with its form; `made` is the key that was just made, `link` an invitation's."""
    noun = _noun(request)
    query = {"archived": request.query.get("archived")} if noun.ended == "archived" else {}
    page, choices, directory = await asyncio.gather(
        request.api.read(f"/{noun.path}", limit=_SHOWN, cursor=request.query.get("after"), **query),
        _choices(request, noun),
        request.directory(),
    )
    return await request.show(
        "directory/noun.html",
        problem=problem,
        nouns=NOUNS,
        noun=noun,
        page=page,
        choices=choices,
        called=_called(directory),
        words=WORDS,
        made=made,
        invitation=link,
        typed=request.form,
        picked=request.form_list,
        is_key=noun is KEYS,
    )


@router.post("/directory/{noun}")
async def add(request: PageRequest) -> Response:
    """Adds one. An employee is invited at once; a key's secret is shown this one time."""
    noun = _noun(request)
    try:
        made = await request.act("POST", f"/{noun.path}", await _body(request, noun, is_new=True))
        if noun is KEYS:
            return await show_noun(request, made=made)
        if noun is EMPLOYEES:
            return await _invite(request, made["id"])
    except Refused as refused:
        return await show_noun(request, refused.problem)
    return request.redirect(f"/directory/{noun.path}")


@router.get("/directory/{noun}/{thing_id}")
async def show_thing(request: PageRequest, problem: Problem | None = None) -> Response:
    """One of a list, to be changed."""
    noun = _noun(request)
    if noun is KEYS:
        raise PathNotFound("path")
    thing, choices = await asyncio.gather(
        request.api.read(f"/{noun.path}/{request.ids['thing_id']}"), _choices(request, noun)
    )
    return await request.show(
        "directory/thing.html",
        problem=problem,
        nouns=NOUNS,
        noun=noun,
        thing=thing,
        choices=choices,
        words=WORDS,
        typed=request.form,
        picked=request.form_list,
        is_employee=noun is EMPLOYEES,
        is_key=False,
    )


@router.post("/directory/{noun}/{thing_id}")
async def change(request: PageRequest) -> Response:
    """Changes one, ends it or brings it back."""
    noun, thing_id = _noun(request), request.ids["thing_id"]
    if noun.ended and noun.ended in request.form:
        body: Json = {noun.ended: request.form[noun.ended] == "yes"}
    else:
        body = await _body(request, noun, is_new=False)
    try:
        await request.act("PATCH", f"/{noun.path}/{thing_id}", body, request.form.get("version"))
    except Refused as refused:
        return await show_thing(request, refused.problem)
    return request.redirect(f"/directory/{noun.path}")


@router.post("/directory/employees/{employee_id}/invitation")
async def invite(request: PageRequest) -> Response:
    """Sends a new invitation; where no mail goes out, its link is shown."""
    return await _invite(request, request.ids["employee_id"])


@router.post("/directory/api-keys/{key_id}/revoke")
async def revoke(request: PageRequest) -> Response:
    """Ends a key at once."""
    await request.act("DELETE", f"/api-keys/{request.ids['key_id']}")
    return request.redirect("/directory/api-keys")


async def _invite(request: PageRequest, employee_id: str) -> Response:
    request.ids = {"noun": EMPLOYEES.path}
    try:
        invitation = await request.act("POST", f"/employees/{employee_id}/invitation")
    except Refused as refused:
        return await show_noun(request, refused.problem)
    return await show_noun(request, link=invitation["link"] or "sent")


def _noun(request: PageRequest) -> Noun:
    noun = NOUNS.get(request.ids["noun"])
    if noun is None:
        raise PathNotFound("path")
    return noun


async def _body(request: PageRequest, noun: Noun, *, is_new: bool) -> Json:
    directory = await request.directory()
    currency = directory.currency
    if noun is PRODUCTS:
        company = directory.companies.get(request.form.get("company_id", ""), {})
        currency = company.get("currency") or currency
    return noun.body(request.form, request.form_list, currency, is_new=is_new)


async def _choices(request: PageRequest, noun: Noun) -> Choices:
    """What the fields choose from: ids or codes with their words."""
    choices_named = {field.choices for field in noun.fields if field.choices}
    directory, profile = await asyncio.gather(request.directory(), request.profile())
    say = translations(request.language).gettext
    choices: dict[str, list[tuple[str, str]]] = {
        "companies": [(each["id"], each["name"]) for each in directory.listed_companies],
        "rooms": [(each["id"], each["name"]) for each in profile.known_rooms(directory)],
    }
    for name, codes in CODES.items():
        prefix = "scope:" if name == "scopes" else ""
        choices[name] = [(code, say(WORDS[prefix + code])) for code in codes]
    if "time_zones" in choices_named:
        zones = await request.api.read_or_none("/time-zones")
        choices["time_zones"] = [
            (zone["name"], zone["name"]) for zone in (zones or {"items": []})["items"]
        ]
    return choices


def _called(directory: Directory) -> Mapping[str, str]:
    """What the ids in columns are called."""
    both = {**directory.companies, **directory.rooms}
    return {id_: thing["name"] for id_, thing in both.items()}
