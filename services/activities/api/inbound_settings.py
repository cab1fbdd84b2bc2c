"""How messages from outside are read: forms of sites, rules of sources, our numbers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.activities.api.inbound_settings_requests import (
    NewOurNumber,
    NewSiteForm,
    OurNumberChange,
    SiteFormChange,
    SourceRulesBody,
)
from services.activities.api.inbound_settings_responses import (
    OurNumberView,
    SiteFormView,
    SourceRulesView,
)
from services.activities.api.parameters import Archived
from services.activities.domain.source_rules import SourceRule
from services.activities.handlers import inbound_settings as handlers
from services.activities.queries import directory as queries
from services.activities.storage import source_rules
from services.activities.storage.directory import OUR_NUMBER, SITE_FORM, DirectoryKind
from shared.db import Tx
from shared.ids import SourceId
from shared.paging import Cursor, Limit
from shared.tenancy import Caller
from shared.web.callers import AnyCaller
from shared.web.commands import CommandRunner, Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["inbound"])


def with_key_id(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the key's id as one."""
    key_id = values.get("key_id")
    return {**values, "key_id": UUID(key_id)} if key_id else dict(values)


async def _list(
    commands: CommandRunner,
    caller: Caller,
    kind: DirectoryKind,
    limit: int,
    cursor: str | None,
    archived: bool,
) -> JsonBytes:
    async def query(tx: Tx) -> Any:
        return await queries.list_directory(tx, kind, limit, cursor, archived=archived)

    return await commands.read(caller, query)


@router.get("/inbound/site-forms", responses=responses(Page[SiteFormView]))
async def list_site_forms(
    caller: AnyCaller,
    commands: Commands,
    archived: Archived = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List how forms of sites are read, in the order of creation."""
    return await _list(commands, caller, SITE_FORM, limit, cursor, archived)


@router.post(
    "/inbound/site-forms", status_code=201, responses=responses(SiteFormView, 409, status=201)
)
async def create_site_form(body: NewSiteForm, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """Set how a form of a site is read, and where its requests go.

    Of settings that fit a form the one for that form counts, then the one for its key, then the one
    for all. 409 `duplicate_site_form` where there is one for the very same.
    """
    return await commands.run(
        caller,
        lambda tx: handlers.create_site_form(tx, with_key_id(body.model_dump())),
        201,
        again_on_clash=True,
    )


@router.get("/inbound/site-forms/{site_form_id}", responses=responses(SiteFormView))
async def get_site_form(site_form_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """How one form is read."""
    return await commands.read(
        caller, lambda tx: queries.get_from_directory(tx, SITE_FORM, site_form_id)
    )


@router.patch("/inbound/site-forms/{site_form_id}", responses=responses(SiteFormView, 409))
async def change_site_form(
    site_form_id: UUID, body: SiteFormChange, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Change how a form is read, or archive the setting."""
    return await commands.run(
        caller,
        lambda tx: handlers.change_site_form(tx, site_form_id, with_key_id(body.changes())),
        again_on_clash=True,
    )


@router.get("/inbound/numbers", responses=responses(Page[OurNumberView]))
async def list_our_numbers(
    caller: AnyCaller,
    commands: Commands,
    archived: Archived = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List our numbers, in the order of creation."""
    return await _list(commands, caller, OUR_NUMBER, limit, cursor, archived)


@router.post(
    "/inbound/numbers", status_code=201, responses=responses(OurNumberView, 409, status=201)
)
async def create_our_number(body: NewOurNumber, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """Enter a number of ours: which source, and perhaps room and company, a call to it means.

    409 `duplicate_our_number` names the entry that is there.
    """
    return await commands.run(
        caller,
        lambda tx: handlers.create_our_number(tx, body.model_dump()),
        201,
        again_on_clash=True,
    )


@router.get("/inbound/numbers/{our_number_id}", responses=responses(OurNumberView))
async def get_our_number(our_number_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One number of ours."""
    return await commands.read(
        caller, lambda tx: queries.get_from_directory(tx, OUR_NUMBER, our_number_id)
    )


@router.patch("/inbound/numbers/{our_number_id}", responses=responses(OurNumberView, 409))
async def change_our_number(
    our_number_id: UUID, body: OurNumberChange, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Change what calls to a number mean; what was registered keeps its source."""
    return await commands.run(
        caller, lambda tx: handlers.change_our_number(tx, our_number_id, body.changes())
    )


@router.get("/inbound/source-rules", responses=responses(SourceRulesView))
async def get_source_rules(caller: AnyCaller, commands: Commands) -> JsonBytes:
    """The rules by which requests get their source."""

    async def query(tx: Tx) -> Any:
        return handlers.view_of_rules(await source_rules.find(tx))

    return await commands.read(caller, query)


@router.put("/inbound/source-rules", responses=responses(SourceRulesView, 409))
async def set_source_rules(
    body: SourceRulesBody, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Set all rules by which requests get their source: the first whose patterns fit the UTM marks
    counts, else the default. What was registered keeps its source.
    """
    rules = [
        SourceRule(SourceId(rule.source_id), rule.utm_source, rule.utm_medium, rule.utm_campaign)
        for rule in body.rules
    ]
    return await commands.run(
        caller, lambda tx: handlers.set_source_rules(tx, rules, body.default_source_id)
    )
