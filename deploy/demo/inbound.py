"""What comes from outside: a form of the site, the same person again, and one that nobody can
follow.
"""

from typing import Any

from deploy.demo.directory import Tenant

PHONE = "+7 916 555-01-20"
FORMS: tuple[dict[str, Any], ...] = (
    {
        "external_id": "demo-1",
        "name": "Марина Светлова",
        "phone": PHONE,
        "email": "svetlova@demo.example",
        "note": "Нужна программа склада на пять мест, перезвоните утром",
        "consent": {"text": "Согласна на обработку персональных данных и звонки"},
        "advertising": {
            "yclid": "15234567890123456789",
            "metrica_client_id": "1667399871234567890",
            "utm_source": "yandex",
            "utm_medium": "cpc",
        },
    },
    {
        "external_id": "demo-2",
        "name": "Марина",
        "phone": PHONE,
        "note": "Ещё раз я: сколько стоит внедрение?",
    },
    {
        "external_id": "demo-3",
        "name": "Аноним",
        "phone": "позвоните мне",
        "note": "Хочу узнать цены",
    },
)


async def messages(tenant: Tenant) -> None:
    """Rules for sources, a number and a form, and three messages, each once."""
    admin, sources = tenant.admin, tenant.sources
    rules = {
        "rules": [{"source_id": sources["ads"], "utm_source": "yandex*", "utm_medium": "cpc"}],
        "default_source_id": sources["site"],
    }
    if not (await admin.see("/inbound/source-rules"))["version"]:
        await admin.do("source-rules", "/inbound/source-rules", rules, "PUT")
    place = {"company_id": tenant.companies["soft"], "room_id": tenant.rooms["new"]}
    number = {"number": "+74957000001", "source_id": sources["ads"], **place}
    if not (await admin.see("/inbound/numbers"))["items"]:
        await admin.do("our-number", "/inbound/numbers", number)
    form = {"name": "Сайт, форма на главной", "form_id": "form-demo", **place}
    if not (await admin.see("/inbound/site-forms"))["items"]:
        await admin.do("site-form", "/inbound/site-forms", form)
    # As a key of the room would; in turn, for the second is about the first.
    sender = tenant.sellers("new")[0]
    for body in FORMS:
        await sender.do(f"inbound/{body['external_id']}", "/inbound/requests", {**body, **place})
