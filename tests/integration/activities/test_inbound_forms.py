"""Forms of sites: read by their settings or usual names; nothing that is posted is lost."""

from typing import Any
from urllib.parse import urlencode

import pytest
from yarl import URL

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.integration.activities.test_inbound import PHONE, activities, key_of
from tests.support.client import Response

FORM = {"Name": "Анна", "Phone": "8 916 123-45-67", "tranid": "1:2", "formid": "form7"}
QUERY = "application/x-www-form-urlencoded"


async def post(
    tenant: Tenant, key: User, form: Any, content_type: str = QUERY, key_id: str = ""
) -> Response:
    """A form as the gateway passes it on: the key's id in the path."""
    raw = form if isinstance(form, bytes) else urlencode(form).encode()
    url = URL(f"/api/v1/inbound/forms/{key_id or key.id}")
    api = tenant.api
    signed = api.issuer.headers(
        tenant.caller_of(key), api.service, "POST", url.raw_path_qs, raw, ""
    )
    headers = {**signed, "content-type": content_type}
    async with api.http.request("POST", url, data=raw, headers=headers) as response:
        return Response(response.status, await response.json(), dict(response.headers))


async def with_form(tenant: Tenant, **about: Any) -> Any:
    setting = {
        "name": "Главная",
        "company_id": str(tenant.company_id),
        "room_id": str(tenant.room_id),
        "source_id": tenant.source_id,
        **about,
    }
    return await tenant.create("/inbound/site-forms", **setting)


async def test_a_form_of_usual_names_becomes_an_activity(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    key = key_of(tenant)
    await with_form(tenant, product_ids=[tenant.product_id], consent_text="Согласен")
    form = {**FORM, "Город": "Тверь", "Checkbox": "yes", "utm_source": "yandex", "yclid": "15"}
    sent = await post(tenant, key, form)
    assert (sent.status, sent.body["state"]) == (200, "registered"), sent.body
    again = await post(tenant, key, form)
    assert again.body == sent.body
    (activity,) = await activities(tenant)
    assert activity["note"] == "Город: Тверь"
    assert activity["products"][0]["product_id"] == tenant.product_id
    seen = await tenant.call(tenant.admin, "GET", f"/clients/{activity['client']['id']}")
    assert (seen.body["name"], seen.body["phones"]) == ("Анна", [PHONE])
    consents = await tenant.call(
        tenant.admin, "GET", f"/clients/{activity['client']['id']}/consents"
    )
    (consent,) = consents.body["items"]
    assert (consent["text"], consent["source"]) == ("Согласен", "Форма на сайте: Главная")
    (row,) = await tenant.reader.fetch(
        "SELECT * FROM activity_attribution WHERE tenant_id = $1", tenant.tenant_id
    )
    assert (row["yclid"], row["utm_source"]) == ("15", "yandex")


async def test_the_builders_probe_is_answered_and_leaves_nothing(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    probe = await post(tenant, key_of(tenant), {"test": "test"})
    assert (probe.status, probe.body["state"]) == (200, "probe")
    assert (
        await tenant.reader.fetch(
            "SELECT 1 FROM inbound_message WHERE tenant_id = $1", tenant.tenant_id
        )
        == []
    )


async def test_the_setting_of_the_very_form_comes_first(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    other = await tenant.another_room()
    key = key_of(tenant, tenant.room_id, other)
    await with_form(tenant, name="Все")
    await with_form(
        tenant, name="Тверь", form_id="form7", room_id=str(other), fields={"tel_1": "phone"}
    )
    sent = await post(tenant, key, {"tel_1": PHONE, "formid": "form7"})
    assert sent.body["state"] == "registered", sent.body
    (activity,) = await activities(tenant)
    assert activity["room_id"] == str(other)
    general = await post(tenant, key, {"Phone": "+79160000002"})
    assert (await tenant.see({"id": general.body["activity_id"]}))["room_id"] == str(tenant.room_id)


@pytest.mark.parametrize(
    ("form", "content_type", "reason"),
    [
        (b"", QUERY, "unreadable"),
        (b"{", "application/json", "unreadable"),
        (b"\xff\xfe\x00", QUERY, "no_contact"),
        ({"Name": "Анна"}, QUERY, "no_contact"),
        ({"Phone": "звоните"}, QUERY, "unusable_contact"),
        ({"Phone": PHONE, "Input": "х" * 5000}, QUERY, "too_long"),
    ],
)
async def test_what_cannot_be_followed_is_answered_200_and_waits(
    new_tenant: NewTenant, form: Any, content_type: str, reason: str
) -> None:
    tenant = await new_tenant()
    await with_form(tenant)
    sent = await post(tenant, key_of(tenant), form, content_type)
    assert (sent.status, sent.body["state"]) == (200, "unprocessed"), sent.body
    assert sent.body["reason"] == reason
    (row,) = await tenant.reader.fetch(
        "SELECT body FROM inbound_message WHERE tenant_id = $1", tenant.tenant_id
    )
    assert row["body"] == (form if isinstance(form, bytes) else urlencode(form).encode())


async def test_a_form_that_nobody_has_set_up_waits(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    both = key_of(tenant, tenant.room_id, await tenant.another_room())
    sent = await post(tenant, both, FORM)
    assert sent.body["reason"] == "unknown_form"
    one = await post(tenant, key_of(tenant), FORM)
    assert one.body["reason"] == "no_source"


async def test_a_form_for_a_room_that_is_not_the_keys_waits(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    await with_form(tenant, room_id=str(await tenant.another_room()))
    sent = await post(tenant, key_of(tenant), FORM)
    assert (sent.status, sent.body["reason"]) == (200, "refused")
    assert await activities(tenant) == []


async def test_a_form_at_another_keys_path_is_not_found(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    sent = await post(tenant, key_of(tenant), FORM, key_id=str(key_of(tenant).id))
    assert sent.status == 404


async def test_settings_of_forms_are_set_once_each(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    made = await with_form(tenant, form_id="a", fields={"F1": "phone"})
    assert (made["fields"], made["archived"], made["version"]) == ({"F1": "phone"}, False, 1)
    path = f"/inbound/site-forms/{made['id']}"
    body = {"company_id": made["company_id"], "room_id": made["room_id"], "name": "Ещё"}
    same = {**body, "form_id": "a"}
    refused = await tenant.call(tenant.admin, "POST", "/inbound/site-forms", same)
    assert (refused.status, refused.body["code"]) == (409, "duplicate_site_form")
    assert refused.body["site_form_id"] == made["id"]
    archived = await tenant.call(tenant.admin, "PATCH", path, {"archived": True})
    assert (archived.status, archived.body["version"]) == (200, 2)
    again = await tenant.create("/inbound/site-forms", **same)
    back = await tenant.call(tenant.admin, "PATCH", path, {"archived": False})
    assert back.body["code"] == "duplicate_site_form"
    page = await tenant.pages(tenant.admin, "/inbound/site-forms?archived=true", 1)
    assert [item["id"] for item in page] == [made["id"], again["id"]]
    assert (await tenant.call(tenant.admin, "GET", path)).body == archived.body
    for wrong, rule in (
        ({"room_id": str(key_of(tenant).id)}, "exists"),
        ({"source_id": str(key_of(tenant).id)}, "exists"),
        ({"product_ids": [str(key_of(tenant).id)]}, "exists"),
        ({"fields": {"x": "telephone"}}, "enum"),
    ):
        refused = await tenant.call(tenant.admin, "PATCH", path, wrong)
        assert refused.status in (404, 422), wrong
        assert refused.body["errors"][0]["field"].partition(".")[0] in wrong, rule
    seller = await tenant.user()
    assert (await tenant.call(seller, "GET", "/inbound/site-forms")).status == 403
