"""Importing activities and the interactions of their past."""

from typing import Any
from uuid import UUID

import pytest

from tests.integration.activities.importing import Importer
from tests.integration.activities.shop import hold_as_vip

HEADER = ["Код", "Название", "ИНН", "Телефон", "Источник", "Продукт", "Количество", "Цена"]
HEADER += ["Заметка", "Ответственный"]
SBER, YANDEX = "7707083893", "7736207543"
PAST = ["Код сделки", "Вид", "Дата", "Комментарий"]


def deal(code: str, **about: Any) -> list[Any]:
    row = {"Код": code, "Название": f"Клиент {code}", "Источник": "Сайт", **about}
    return [row.get(title, "") for title in HEADER]


async def activities(importer: Importer) -> list[Any]:
    """The activities of the tenant, the oldest first."""
    tenant = importer.tenant
    listed = await tenant.pages(tenant.admin, "/activities?sort=created", 100)
    return [await tenant.see(each) for each in listed[::-1]]


async def load(importer: Importer, *rows: list[Any]) -> dict[str, int]:
    return await importer.load(HEADER, *rows, kind="activities", filename="сделки.csv")


async def test_rows_become_activities_free_or_of_who_is_named(importer: Importer) -> None:
    seller = await importer.tenant.user()
    email = await importer.tenant.reader.fetchval(
        "SELECT email FROM employee WHERE id = $1", seller.id
    )
    counts = await load(
        importer,
        deal("1", Продукт="лицензия", Количество="2", Цена="1 500,50", Заметка="Перезвонить"),
        deal("2", Ответственный=email.upper(), ИНН=SBER),
    )
    assert counts == {"created": 2}
    free, assigned = await activities(importer)
    assert (free["status"], free["note"], free["created_by"]) == (
        "free",
        "Перезвонить",
        str(importer.head.id),
    )
    (line,) = free["products"]
    assert (line["quantity"], line["price"]["amount"]) == (2, "1500.50")
    assert (assigned["status"], assigned["responsible_id"], assigned["how"]) == (
        "in_work",
        str(seller.id),
        "assigned",
    )
    entry = free["timeline"][-1]
    assert (entry["what"], entry["import_id"], entry["import_row"]) == (
        "activity.registered",
        importer.last["id"],
        2,
    )
    assert await importer.events(free["id"]) == ["activity.described", "activity.registered"]


async def test_the_same_rows_twice_make_no_second_activity(importer: Importer) -> None:
    rows = [deal("1"), deal("", Название="Без кода"), deal("2")]
    assert await load(importer, *rows) == {"created": 3}
    assert await load(importer, *rows, deal("3")) == {"created": 1, "unchanged": 3}
    assert await load(importer, deal("1", Заметка="другая")) == {"refused": 1}
    (row,) = await importer.refused(importer.last)
    assert row[-1].startswith("Эта строка уже загружена")
    assert await importer.count("activity") == 4


async def test_a_client_is_found_by_its_own_key_inn_or_contacts(importer: Importer) -> None:
    await importer.load(["Код", "Название", "ИНН"], ["77", "Ромашка", SBER])
    header = ["Код", "Код клиента", "Название", "ИНН", "Телефон", "Источник"]
    counts = await importer.load(
        header,
        ["1", "77", "", "", "", "Сайт"],
        ["2", "", "", SBER, "", "Сайт"],
        ["3", "", "Ромашка ООО", SBER, "+79161234567", "Сайт"],
        ["4", "", "Ромашка", "", "+79161234567", "Сайт"],
        ["5", "78", "", "", "", "Сайт"],
        ["6", "", "", YANDEX, "", "Сайт"],
        ["7", "", "", "", "", "Сайт"],
        kind="activities",
    )
    assert counts == {"created": 4, "refused": 3}
    made = await activities(importer)
    assert len({each["client"]["id"] for each in made}) == 1
    assert made[2]["timeline"][-1]["as_registered"] == {"name": "Ромашка ООО"}
    assert [row[-2] for row in await importer.refused(importer.last)] == ["6", "7", "8"]
    assert await importer.count("client") == 1


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"Источник": "Газета"}, "Источник: Не найдено: источник привлечения"),
        ({"Источник": ""}, "Источник: Обязательное поле"),
        ({"Продукт": "Трактор"}, "Продукт: Не найдено: продукт"),
        ({"Ответственный": "Никто"}, "Ответственный: Не найдено: сотрудник продаж в этой комнате"),
        ({"Продукт": "Лицензия", "Количество": "0"}, "Количество: От 1 до 100000"),
        ({"Продукт": "Лицензия", "Количество": "1,5"}, "Количество: Нужно целое число"),
        ({"Продукт": "Лицензия", "Цена": "дорого"}, "Цена: Нужно число"),
        ({"Продукт": "Лицензия", "Цена": "1,005"}, "Цена: Знаков после запятой не больше 2"),
        ({"Продукт": "Лицензия", "Цена": "-1"}, "Цена: Не меньше 0"),
        ({"Заметка": "x" * 4001}, "Заметка: Символов не больше 4000"),
    ],
)
async def test_a_row_that_breaks_a_rule_is_refused_with_the_reason(
    importer: Importer, about: dict[str, str], reason: str
) -> None:
    assert await load(importer, deal("1", **about), deal("2")) == {"created": 1, "refused": 1}
    (row,) = await importer.refused(importer.last)
    assert row[-1] == reason


async def test_a_cold_row_of_who_is_not_to_be_called_is_refused(importer: Importer) -> None:
    tenant = importer.tenant
    cold = {"name": "Обзвон", "channel": "phone", "kind": "cold"}
    await tenant.create("/sources", **cold)
    word = {"kind": "do_not_call", "phone": "+79161234567", "source": "call"}
    said = await tenant.call(importer.head, "POST", "/consents", {**word, "text": "не звоните"})
    assert said.status == 201, said.body
    rows = [
        deal("1", Телефон="+79161234567", Источник="Обзвон"),
        deal("2", Телефон="+79161234567", Источник="Сайт"),
    ]
    assert await load(importer, *rows) == {"created": 1, "refused": 1}
    (row,) = await importer.refused(importer.last)
    assert row[-1].startswith("Клиент просил не звонить")


async def test_a_vips_activity_goes_to_who_holds_the_client(importer: Importer) -> None:
    tenant = importer.tenant
    holder, other = await tenant.users(2)
    known = {"name": "Ромашка", "kind": "organization", "inn": SBER}
    registered = await tenant.register(holder, client=known)
    await hold_as_vip(tenant, registered, holder)
    assert await load(importer, deal("1", ИНН=SBER, Ответственный=str(other.id))) == {"created": 1}
    made = (await activities(importer))[-1]
    assert (made["responsible_id"], made["how"]) == (str(holder.id), "vip_routed")


async def test_the_rooms_limit_of_work_holds_within_one_file(importer: Importer) -> None:
    tenant = importer.tenant
    await tenant.set_options(work_limit=2)
    seller = await tenant.user()
    rows = [deal(str(n), Ответственный=str(seller.id)) for n in range(4)]
    assert await load(importer, *rows) == {"created": 2, "refused": 2}
    assert {row[-1][:20] for row in await importer.refused(importer.last)} == {
        "У сотрудника в работ"
    }


async def test_what_rows_do_not_say_is_as_the_mapping_says(importer: Importer) -> None:
    tenant, seller = importer.tenant, await importer.tenant.user()
    content = "Название\nРомашка\n".encode()
    import_ = await importer.upload(content, kind="activities")
    assert await importer.do(import_, "check") == {"refused": 1}
    defaults: dict[str, Any] = {"source_id": tenant.source_id, "responsible_id": str(seller.id)}
    assert (await importer.map(import_, "name", **defaults)).status == 200
    assert await importer.do(import_, "run") == {"created": 1}
    (made,) = await activities(importer)
    assert (made["source_id"], made["responsible_id"]) == (tenant.source_id, str(seller.id))
    stranger = await tenant.user(room_id=await tenant.another_room())
    refused = await importer.map(import_, "name", responsible_id=str(stranger.id))
    assert refused.body["errors"][0]["field"] == "defaults.responsible_id"


async def test_interactions_of_the_past_stand_in_the_timeline_and_are_no_progress(
    importer: Importer,
) -> None:
    tenant, seller = importer.tenant, await importer.tenant.user()
    await load(importer, deal("1", Ответственный=str(seller.id)), deal("2"))
    worked, free = await activities(importer)
    rows = [
        ["1", "Звонок", "27.10.2026 09:30", "Просил перезвонить"],
        ["1", "встреча", "46322.5", ""],
        ["2", "", "3 мая 2025 г.", "Первый разговор"],
        ["9", "Звонок", "27.10.2026", ""],
        ["1", "танцы", "27.10.2026", ""],
        ["1", "Звонок", "вчера", ""],
        ["1", "Звонок", "01.01.2099", ""],
    ]
    counts = await importer.load(PAST, *rows, kind="interactions")
    assert counts == {"created": 3, "refused": 4}
    seen = await tenant.see(worked)
    assert (seen["reset_due_at"], seen["responsible_id"]) == (
        worked["reset_due_at"],
        str(seller.id),
    )
    newest, first, *_ = seen["timeline"]
    assert (first["kind"], first["note"]) == ("call", "Просил перезвонить")
    assert first["happened_at"].startswith("2026-10-27T06:30:00")
    assert newest["happened_at"].startswith("2026-10-27T09:00:00")
    assert (await tenant.see(free))["status"] == "free"
    reasons = [row[-1] for row in await importer.refused(importer.last)]
    assert reasons[1].startswith("Вид: Одно из:")
    assert reasons[0].startswith("Код сделки: Не найдено: активность") or "активность" in reasons[0]
    again = await importer.load(PAST, *rows[:3], kind="interactions")
    assert again == {"unchanged": 3}
    versions = await tenant.reader.fetch(
        "SELECT version FROM activity_entry WHERE activity_id = $1 ORDER BY version",
        UUID(worked["id"]),
    )
    assert [row["version"] for row in versions] == list(range(1, seen["version"] + 1))
