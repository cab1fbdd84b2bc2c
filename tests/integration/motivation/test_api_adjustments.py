"""The API of adjustments that wait for a second person, and of the settings they are judged by."""

from services.motivation.api.adjustment_responses import AdjustmentView, PaySettingsView
from shared.ids import new_id
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.test_api_pay import adjustment_of

LIMIT = {"adjustment_limit": {"amount": "10.00", "currency": "RUB"}, "dispute_days": 3}


async def test_a_large_adjustment_is_proposed_listed_and_confirmed(api: TenantApi) -> None:
    tenant, accountant, admin = api.tenant, api.user("accountant"), api.user("admin")
    settings = f"/settings?company_id={tenant.company}"
    status, before = await admin.send("GET", settings)
    assert (status, before["version"], before["adjustment_limit"]) == (200, 0, None)
    assert (await accountant.send("PUT", settings, LIMIT))[0] == 403
    status, changed = await admin.send("PUT", settings, LIMIT)
    assert PaySettingsView.model_validate(changed).model_dump(mode="json") == changed
    assert (status, changed["version"], changed["dispute_days"]) == (200, 1, 3)
    stale = await admin.send("PUT", settings, {**LIMIT, "dispute_days": 4}, **{"If-Match": '"0"'})
    assert (stale[0], stale[1]["code"]) == (409, "stale")
    for wrong in ({"amount": "-1.00", "currency": "RUB"}, {"amount": "1.00", "currency": "EUR"}):
        body = {**LIMIT, "adjustment_limit": wrong}
        assert (await admin.send("PUT", settings, body))[0] == 422
    status, proposed = await accountant.send("POST", "/adjustments", adjustment_of(tenant))
    assert AdjustmentView.model_validate(proposed).model_dump(mode="json") == proposed
    assert (status, proposed["state"]) == (202, "proposed")
    listed = await admin.send("GET", "/adjustments?state=proposed")
    assert [item["id"] for item in listed[1]["items"]] == [proposed["id"]]
    confirm = f"/adjustments/{proposed['id']}/confirm"
    status, problem = await accountant.send("POST", confirm)
    assert (status, problem["code"]) == (403, "second_person_needed")
    status, confirmed = await admin.send("POST", confirm)
    assert (status, confirmed["state"]) == (200, "posted")
    assert confirmed["decided_by"] == str(admin.caller.employee_id)
    status, problem = await admin.send("POST", confirm)
    assert (status, problem["code"]) == (409, "adjustment_decided")
    statement = await api.statement("-12.34")
    assert [line["id"] for line in statement["lines"]] == [proposed["id"]]
    assert (await admin.send("POST", f"/adjustments/{new_id()}/confirm"))[0] == 404


async def test_a_head_sees_the_adjustments_of_their_rooms_and_confirms_none(api: TenantApi) -> None:
    tenant = api.tenant
    head, accountant = api.user("head", rooms=(tenant.room,)), api.user("accountant")
    stranger = api.user("head", rooms=(tenant.strangers(1)[0],))  # type: ignore[arg-type]
    status, proposed = await head.send("POST", "/adjustments", adjustment_of(tenant))
    assert (status, proposed["proposed_by"]) == (202, str(head.caller.employee_id))
    assert (await stranger.send("POST", "/adjustments", adjustment_of(tenant)))[0] == 404
    assert len((await head.send("GET", "/adjustments"))[1]["items"]) == 1
    assert (await stranger.send("GET", "/adjustments"))[1]["items"] == []
    confirm, reject = (f"/adjustments/{proposed['id']}/{word}" for word in ("confirm", "reject"))
    assert (await head.send("POST", confirm))[0] == 403
    assert (await accountant.send("POST", reject, {"reason": ""}))[0] == 422
    status, rejected = await accountant.send("POST", reject, {"reason": "Нет основания"})
    assert (status, rejected["state"]) == (200, "rejected")
    assert (await accountant.send("POST", confirm))[1]["code"] == "adjustment_decided"


async def test_nobody_adjusts_their_own_pay_through_the_api(api: TenantApi) -> None:
    accountant = api.user("accountant", employee=api.tenant.sellers[0])
    status, problem = await accountant.send("POST", "/adjustments", adjustment_of(api.tenant))
    assert (status, problem["code"]) == (403, "own_pay")
