"""Calls whose end nobody reports: taken as over after a while, once, whoever closes them."""

import asyncio
from typing import Any

import pytest

from services.activities.domain.call_effects import CALL_BACK
from services.activities.timers import close_unended_calls
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.telephony import (
    CLIENT,
    answered,
    calls_of,
    has_line,
    key_of,
    missed,
    report,
    set_extensions,
)
from tests.integration.activities.tenant import Tenant

CUSTOMER = {"name": "Ромашка", "kind": "organization", "phones": [CLIENT]}
STATES = ("ringing", "connected")


async def wait_out(tenant: Tenant, minutes: int) -> None:
    """As if so many minutes had passed since the last report."""
    await tenant.reader.execute(
        "UPDATE call SET end_due_at = end_due_at - make_interval(mins => $2) WHERE tenant_id = $1",
        tenant.tenant_id,
        minutes,
    )


async def close_twice_at_once(context: ServiceContext) -> None:
    await asyncio.gather(close_unended_calls(context), close_unended_calls(context))


@pytest.mark.parametrize("attempt", range(3))
async def test_what_rang_for_an_hour_is_missed_once(
    new_tenant: NewTenant, context: ServiceContext, attempt: int
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await tenant.register(seller, client=CUSTOMER, take=True)
    told = (await report(tenant, key, state="ringing")).body
    assert told["recorded"] is None
    await wait_out(tenant, 59)
    await close_twice_at_once(context)
    assert await calls_of(tenant, work) == [], "it may ring still"
    await wait_out(tenant, 1)
    await close_twice_at_once(context)
    await close_unended_calls(context)
    seen = await tenant.see(work)
    assert seen["next_step"]["what"] == CALL_BACK
    assert (await tenant.event_types(work)).count("interaction.recorded") == 1
    (call,) = await calls_of(tenant, work)
    assert (call["id"], call["outcome"], call["end_reported"]) == (told["id"], "missed", False)


async def test_what_somebody_took_is_a_talk_of_unknown_length(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    seller, colleague, key = await tenant.user(), await tenant.user(), key_of(tenant)
    await set_extensions(tenant, colleague, "101")
    work = await tenant.register(seller, client=CUSTOMER, take=True)
    for state in STATES:
        await report(tenant, key, state=state, extension="101")
    await wait_out(tenant, 61)
    await close_unended_calls(context)
    assert await calls_of(tenant, work) == [], "a talk may last longer"
    await wait_out(tenant, 180)
    await close_twice_at_once(context)
    newest = (await tenant.see(work))["timeline"][0]
    assert (newest["kind"], newest["outcome"]) == ("call", "answered")
    assert (newest["duration_seconds"], newest["employee_id"]) == (None, str(colleague.id))
    (call,) = await calls_of(tenant, work)
    assert (call["end_reported"], call["duration_seconds"]) == (False, None)


async def test_a_report_that_comes_after_all_is_merged(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    seller, key = await tenant.user(), key_of(tenant)
    work = await tenant.register(seller, client=CUSTOMER, take=True)
    await report(tenant, key, state="ringing")
    await wait_out(tenant, 60)
    await close_unended_calls(context)
    late = await answered(tenant, key)
    assert (late["recorded"], late["activity_id"]) == ("answered", work["id"])
    assert (await tenant.see(work))["next_step"] is None
    (call,) = await calls_of(tenant, work)
    assert (call["end_reported"], call["duration_seconds"]) == (True, 35)
    await wait_out(tenant, 600)
    await close_unended_calls(context)
    assert (await tenant.event_types(work)).count("interaction.recorded") == 2


async def test_a_stranger_who_hung_begins_one_activity(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await has_line(tenant)
    await report(tenant, key, state="ringing")
    await wait_out(tenant, 60)
    await close_twice_at_once(context)
    (activity,) = await tenant.pages(tenant.admin, "/activities", 100)
    assert (await tenant.see(activity))["note"] == "Пропущенный звонок"


async def test_a_hidden_number_waits_for_a_person_with_what_was_told(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await report(tenant, key, state="ringing", client_number="anonymous")
    await wait_out(tenant, 60)
    await close_twice_at_once(context)
    rows: list[Any] = await tenant.reader.fetch(
        "SELECT state, reason, body FROM inbound_message WHERE tenant_id = $1", tenant.tenant_id
    )
    assert [(row["state"], row["reason"]) for row in rows] == [("unprocessed", "no_contact")]
    assert b"incoming" in bytes(rows[0]["body"])


async def test_a_call_that_is_over_is_not_awaited(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await has_line(tenant)
    await report(tenant, key, state="ringing")
    await missed(tenant, key)
    await report(tenant, key, "2", state="ringing", direction="internal")
    awaited = await tenant.reader.fetchval(
        "SELECT count(end_due_at) FROM call WHERE tenant_id = $1", tenant.tenant_id
    )
    assert awaited == 0
