"""Pay is shared with the consent of the other: proposed, accepted or declined, seen by the head."""

import asyncio
from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.client import Response

WHOLE = {"amount": "1000.00", "currency": "RUB"}


def parts(*shares: tuple[User, str]) -> list[dict[str, str]]:
    return [{"employee_id": str(user.id), "share": share} for user, share in shares]


async def answer(tenant: Tenant, user: User, activity: Any, how: str) -> Response:
    proposal = activity["split_proposal"]["id"]
    path = f"/activities/{activity['id']}/split/{proposal}/{how}"
    return await tenant.call(user, "POST", path)


async def timeline(tenant: Tenant, activity: Any) -> list[str]:
    rows = await tenant.reader.fetch(
        "SELECT what FROM activity_entry WHERE tenant_id = $1 AND activity_id = $2::text::uuid"
        " ORDER BY version",
        tenant.tenant_id,
        activity["id"],
    )
    return [row["what"] for row in rows]


async def test_a_split_holds_once_the_colleague_has_agreed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    head = await tenant.user("head")
    activity = await tenant.register(anna, take=True)
    await tenant.do(anna, activity, "invoices", amount=WHOLE)
    await tenant.do(anna, activity, "payments", amount=WHOLE)
    shares = parts((anna, "0.6"), (boris, "0.4"))
    proposed = await tenant.do(anna, activity, "split", shares=shares)
    assert [part["employee_id"] for part in proposed["shares"]] == [str(anna.id)]
    assert proposed["split_proposal"]["asked"] == [str(boris.id)]
    for user in (head, boris):
        seen = await tenant.call(user, "GET", f"/activities/{activity['id']}")
        assert seen.body["split_proposal"] == proposed["split_proposal"]
    assert (await answer(tenant, anna, proposed, "accept")).status == 403
    accepted = await answer(tenant, boris, proposed, "accept")
    assert [part["share"] for part in accepted.body["shares"]] == ["0.6000", "0.4000"]
    assert accepted.body["split_proposal"] is None
    assert (await timeline(tenant, activity))[-3:] == [
        "activity.split_proposed",
        "activity.split_accepted",
        "activity.split",
    ]
    late = await answer(tenant, boris, proposed, "accept")
    assert (late.status, late.body["code"]) == (409, "split_not_proposed")


@pytest.mark.parametrize("who", ["boris", "anna", "head"])
async def test_a_proposal_is_declined_withdrawn_or_ended(new_tenant: NewTenant, who: str) -> None:
    tenant = await new_tenant()
    anna, boris, vera = await tenant.users(3)
    head = await tenant.user("head")
    activity = await tenant.register(anna, take=True)
    shares = parts((anna, "0.5"), (boris, "0.5"))
    proposed = await tenant.do(anna, activity, "split", shares=shares)
    assert (await answer(tenant, vera, proposed, "decline")).status == 403
    ends = {"boris": boris, "anna": anna, "head": head}[who]
    ended = await answer(tenant, ends, proposed, "decline")
    assert (ended.status, ended.body["split_proposal"]) == (200, None)
    assert (await answer(tenant, boris, proposed, "accept")).body["code"] == "split_not_proposed"


async def test_two_answers_at_one_moment_have_one_winner(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    shares = parts((anna, "0.5"), (boris, "0.5"))
    proposed = await tenant.do(anna, activity, "split", shares=shares)
    answers = await asyncio.gather(
        answer(tenant, boris, proposed, "accept"),
        answer(tenant, anna, proposed, "decline"),
        answer(tenant, boris, proposed, "accept"),
    )
    assert sorted(response.status for response in answers) == [200, 409, 409]


async def test_what_was_replaced_is_not_accepted(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    shares = parts((anna, "0.5"), (boris, "0.5"))
    first = await tenant.do(anna, activity, "split", shares=shares)
    await tenant.do(anna, activity, "split", shares=parts((anna, "0.9"), (boris, "0.1")))
    assert (await answer(tenant, boris, first, "accept")).status == 409
    await tenant.do(anna, activity, "release", reason="в отпуск")
    seen = await tenant.call(boris, "GET", f"/activities/{activity['id']}")
    assert seen.body["split_proposal"] is None


async def test_who_sells_there_no_more_has_no_part(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    anna, boris, vera = await tenant.users(3)
    activity = await tenant.register(anna, take=True)
    shares = parts((anna, "0.5"), (boris, "0.3"), (vera, "0.2"))
    proposed = await tenant.do(anna, activity, "split", shares=shares)
    assert (await answer(tenant, vera, proposed, "accept")).status == 200
    leaving = f"/employees/{vera.id}"
    assert (await tenant.call(tenant.admin, "PATCH", leaving, {"active": False})).status == 200
    refused = await answer(tenant, boris, proposed, "accept")
    assert (refused.status, refused.body["errors"][0]["field"]) == (404, "shares.2.employee_id")


async def test_another_room_and_tenant_have_no_such_activity(new_tenant: NewTenant) -> None:
    tenant, other = await new_tenant(), await new_tenant()
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    shares = parts((anna, "0.5"), (boris, "0.5"))
    proposed = await tenant.do(anna, activity, "split", shares=shares)
    room = await tenant.create("/rooms", name="Казань", company_ids=[str(tenant.company_id)])
    neighbour = await tenant.user(room_id=room["id"])
    for how in ("accept", "decline"):
        assert (await answer(tenant, neighbour, proposed, how)).status == 404
        assert (await answer(other, await other.user(), proposed, how)).status == 404
