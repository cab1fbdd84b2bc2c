"""Contact persons in an import of clients: one a row, known by code or name, never doubled."""

from typing import Any
from uuid import UUID

from services.activities.handlers.importing.reading import ROWS
from shared.service_context import ServiceContext
from tests.integration.activities.importing import Importer, table
from tests.integration.activities.jobs import let_jobs_run
from tests.integration.activities.persons import added, change, found

HEADER = [
    "Код",
    "Название",
    "ИНН",
    "Контактное лицо",
    "Должность",
    "Телефон контактного лица",
    "Почта контактного лица",
    "Код контакта",
]
SBER, YANDEX = "7707083893", "7736207543"
DIRECTOR = ["Анна Орлова", "Директор", "8 (916) 123-45-67", "Orlova@example.ru", ""]


async def persons_of(importer: Importer, client: Any) -> list[Any]:
    path = f"/clients/{client['id']}/persons?archived=true"
    persons: list[Any] = (await importer.tenant.call(importer.head, "GET", path)).body["items"]
    return persons


async def test_persons_come_with_their_clients(importer: Importer) -> None:
    content = table(
        HEADER,
        ["1", "Ромашка", SBER, *DIRECTOR],
        ["1", "Ромашка", SBER, "Олег Лис", "", "+79161234568", "", ""],
        ["2", "Лютик", "", "", "", "", "", ""],
    )
    import_ = await importer.upload(content)
    assert [column["field"] for column in import_["columns"]][3:] == [
        "person_name", "person_position", "person_phones", "person_emails", "person_external_id",
    ]  # fmt: skip
    assert await importer.do(import_, "check") == {"created": 2, "updated": 1}
    assert await importer.count("contact_person") == 0
    assert await importer.do(import_, "run") == {"created": 2, "updated": 1}
    romashka, lutik = await importer.clients()
    director, oleg = await persons_of(importer, romashka)
    assert (director["name"], director["position"]) == ("Анна Орлова", "Директор")
    assert (director["phones"], director["emails"]) == (["+79161234567"], ["orlova@example.ru"])
    assert (oleg["name"], oleg["position"]) == ("Олег Лис", None)
    assert await persons_of(importer, lutik) == []
    assert romashka["version"] == 1, "a person makes no version of the client"
    assert set(await importer.events(director["id"])) == {
        "contact_person.changed",
        "contact_person.described",
    }
    for words in ("Орлова", "9161234568"):
        assert await found(importer.tenant, importer.head, "/clients", words) == [romashka["id"]]


async def test_persons_are_known_again_and_not_doubled(importer: Importer) -> None:
    rows = [["1", "Ромашка", SBER, *DIRECTOR], ["1", "Ромашка", SBER, "Олег Лис", "", "", "", ""]]
    await importer.load(HEADER, *rows)
    (client,) = await importer.clients()
    director, oleg = await persons_of(importer, client)
    await change(importer.tenant, importer.head, director, position="Председатель")
    assert await importer.load(HEADER, *reversed(rows)) == {"unchanged": 2}
    assert (await persons_of(importer, client))[0]["position"] == "Председатель"
    counts = await importer.load(
        HEADER,
        ["1", "Ромашка", SBER, "Анна Орлова", "Ген. директор", "+79161234569", "", ""],
        ["1", "Ромашка", SBER, "олег лис", "Закупки", "", "", ""],
    )
    assert counts == {"updated": 2}
    director, oleg = await persons_of(importer, client)
    assert director["position"] == "Ген. директор"
    assert director["phones"] == ["+79161234567", "+79161234569"], "none is taken away"
    assert (oleg["name"], oleg["position"]) == ("олег лис", "Закупки")
    assert await importer.clients() == [client]


async def test_a_code_knows_a_person_who_has_another_name_now(importer: Importer) -> None:
    await importer.load(HEADER, ["1", "Ромашка", SBER, *DIRECTOR[:-1], "п-1"])
    counts = await importer.load(
        HEADER,
        ["1", "Ромашка", SBER, "Анна Соколова", "", "", "", "п-1"],
        ["1", "Ромашка", SBER, "Анна Орлова", "", "+79160000001", "", "п-2"],
    )
    assert counts == {"updated": 2}
    (client,) = await importer.clients()
    persons = await persons_of(importer, client)
    assert [each["name"] for each in persons] == ["Анна Соколова", "Анна Орлова"]
    assert persons[0]["position"] == "Директор", "an empty cell says nothing"


async def test_a_person_entered_by_hand_is_completed(importer: Importer) -> None:
    tenant = importer.tenant
    body = {"name": "Ромашка", "kind": "organization", "inn": SBER}
    client = (await tenant.call(importer.head, "POST", "/clients", body)).body
    about = {"name": "Анна Орлова", "position": "Хозяйка", "phones": [], "emails": []}
    person = await added(tenant, importer.head, client["id"], **about)
    assert await importer.load(HEADER, ["1", "Ромашка", SBER, *DIRECTOR]) == {"updated": 1}
    (known,) = await persons_of(importer, client)
    assert (known["id"], known["position"]) == (person["id"], "Хозяйка")
    assert known["phones"] == ["+79161234567"]
    assert known["note"] == person["note"]


async def test_whom_people_have_archived_stays_archived(importer: Importer) -> None:
    await importer.load(HEADER, ["1", "Ромашка", SBER, *DIRECTOR])
    (client,) = await importer.clients()
    (person,) = await persons_of(importer, client)
    await change(importer.tenant, importer.head, person, archived=True)
    row = ["1", "Ромашка", SBER, "Анна Орлова", "Ген. директор", "", "", ""]
    assert await importer.load(HEADER, row) == {"unchanged": 1}
    (person,) = await persons_of(importer, client)
    assert (person["archived"], person["position"]) == (True, "Директор")


async def test_a_client_is_known_by_its_person(importer: Importer) -> None:
    await importer.load(HEADER, ["1", "Ромашка", SBER, *DIRECTOR])
    row = ["", "Ромашка", "", "Анна Орлова", "", "+79161234567", "", ""]
    assert await importer.load(HEADER, row) == {"unchanged": 1}
    assert len(await importer.clients()) == 1


async def test_a_refused_person_names_its_column_and_leaves_nothing(importer: Importer) -> None:
    await importer.load(HEADER, ["1", "Ромашка", SBER, *DIRECTOR])
    counts = await importer.load(
        HEADER,
        ["2", "Лютик", "", "Без телефона", "", "не телефон", "никак", ""],
        ["3", "Мак", "", "", "Директор", "", "", ""],
        ["4", "Ирис", "", "Олег Лис", "", "", "", "п-1"],
        ["4", "Ирис", "", "Иван Лис", "", "", "", "п-2"],
        ["4", "Ирис плюс", YANDEX, "Олег Лис", "", "", "", "п-2"],
        ["4", "Ирис минус", "", "Новый", "", "+79161234567", "", ""],
    )
    assert counts == {"created": 1, "updated": 1, "refused": 4}
    reasons = [row[-1] for row in await importer.refused(importer.last)]
    assert "Телефон контактного лица: " in reasons[0] and "Почта контактного лица: " in reasons[0]
    assert reasons[1].startswith("Контактное лицо: ")
    assert reasons[2].startswith("Контактное лицо: ")
    assert reasons[3].startswith("Телефон контактного лица: ")
    _, iris = await importer.clients()
    assert (iris["name"], iris["inn"]) == ("Ирис", None), "nor its client's part of the row"
    assert {each["name"] for each in await persons_of(importer, iris)} == {"Олег Лис", "Иван Лис"}


async def test_another_room_sees_and_meets_no_person(importer: Importer) -> None:
    tenant = importer.tenant
    other = await tenant.user("head", room_id=await tenant.another_room())
    body = {"name": "Тайный", "kind": "organization", "inn": YANDEX}
    client = (await tenant.call(other, "POST", "/clients", body)).body
    await added(tenant, other, client["id"], phones=["+79161234567"], emails=[])
    counts = await importer.load(HEADER, ["1", "Ромашка", "", *DIRECTOR])
    assert counts == {"refused": 1}
    (row,) = await importer.refused(importer.last)
    assert row[-1] == ("Телефон контактного лица: Клиент с такими контактами уже зарегистрирован.")
    assert "Тайный" not in str(row)
    assert await importer.count("import_key") == 0


async def test_columns_of_a_person_need_one_with_the_name(importer: Importer) -> None:
    import_ = await importer.upload(table(["А", "Б"], ["Ромашка", "Директор"]))
    refused = await importer.map(import_, "name", "person_position")
    assert refused.status == 422
    (error,) = refused.body["errors"]
    assert (error["rule"], error["column"]) == ("column_missing", "person_name")


async def test_two_imports_at_once_make_each_person_once(
    importer: Importer, context: ServiceContext
) -> None:
    lines = [
        [str(n % 9), f"Клиент {n % 9}", "", f"Лицо {n}", "", f"+7916{n:07}", "", ""]
        for n in range(ROWS + 20)
    ]
    first = await importer.upload(table(HEADER, *lines))
    second = await importer.upload(table(HEADER, *reversed(lines)))
    for import_ in (first, second):
        assert (await importer.command(import_, "run")).status == 202
    await let_jobs_run(importer.tenant, context)
    seen = [await importer.see(import_) for import_ in (first, second)]
    assert [each["job"]["state"] for each in seen] == ["succeeded"] * 2
    assert await importer.count("contact_person") == ROWS + 20
    assert await importer.count("client") == 9
    index = await importer.tenant.reader.fetchval(
        "SELECT sum(jsonb_array_length(person_index)) FROM client WHERE tenant_id = $1",
        UUID(str(importer.tenant.tenant_id)),
    )
    assert index == ROWS + 20
