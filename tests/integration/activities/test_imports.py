"""Importing clients: read, mapped, checked, run, once each, under the rules of single commands."""

import math
from typing import Any

import pytest

from services.activities.handlers.importing.reading import ROWS
from tests.integration.activities.importing import HEADER, Importer, table
from tests.support.workbooks import workbook

SBER, YANDEX = "7707083893", "7736207543"


async def test_an_upload_is_read_and_its_columns_are_proposed(importer: Importer) -> None:
    rows = [["1", "Ромашка", SBER, "8 (916) 123-45-67", "a@example.ru"]]
    response = await importer.try_upload(table(HEADER, *rows))
    assert response.status == 201
    seen = response.body
    assert (seen["state"], seen["row_count"], seen["format"]) == ("ready", 1, "csv")
    assert [(each["title"], each["field"]) for each in seen["columns"]] == [
        ("Код", "external_id"),
        ("Название", "name"),
        ("ИНН", "inn"),
        ("Телефон", "phones"),
        ("Почта", "emails"),
    ]
    assert seen["columns"][1]["samples"] == ["Ромашка"]
    assert await importer.count("upload_chunk") == 0, "the file itself is needed no more"


async def test_a_check_counts_and_changes_nothing(importer: Importer) -> None:
    content = table(
        HEADER,
        ["1", "Ромашка", SBER, "", ""],
        ["2", "Лютик", "", "не телефон", ""],
        ["3", "", "", "", ""],
    )
    import_ = await importer.upload(content)
    assert await importer.do(import_, "check") == {"created": 1, "refused": 2}
    assert await importer.clients() == []
    for of in ("client", "import_key", "client_identity", "identity_lock"):
        assert await importer.count(of) == 0, of
    assert (await importer.see(import_))["state"] == "ready"
    assert await importer.do(import_, "run") == {"created": 1, "refused": 2}
    assert (await importer.see(import_))["state"] == "done"


async def test_rows_become_clients_of_the_room_with_their_events_and_history(
    importer: Importer,
) -> None:
    counts = await importer.load(
        HEADER, ["1", "Ромашка", SBER, "89161234567; +7 495 122-63-55", "A@Example.ru"]
    )
    assert counts == {"created": 1}
    (client,) = await importer.clients()
    assert client["phones"] == ["+79161234567", "+74951226355"]
    assert (client["name"], client["inn"], client["emails"]) == ("Ромашка", SBER, ["a@example.ru"])
    assert (await importer.events(client["id"]))[0] == "client.changed"
    path = f"/clients/{client['id']}/history"
    (created,) = (await importer.tenant.call(importer.head, "GET", path)).body["items"]
    assert (created["what"], created["import_id"]) == ("created", importer.last["id"])
    other = await importer.tenant.user("head", room_id=await importer.tenant.another_room())
    assert await importer.clients(other) == [], "another room sees nothing of it"


async def test_the_same_file_twice_changes_nothing(importer: Importer) -> None:
    rows = [[str(n), f"Клиент {n}", "", f"+7916123{n:04}", ""] for n in range(30)]
    content = table(HEADER, *rows)
    first = await importer.upload(content)
    assert await importer.do(first, "run") == {"created": 30}
    again = await importer.try_upload(content)
    assert (again.status, again.body["id"]) == (200, first["id"])
    assert await importer.do(first, "run") == {"unchanged": 30}
    shuffled = await importer.upload(table(HEADER, *reversed(rows)))
    assert shuffled["id"] != first["id"]
    assert await importer.do(shuffled, "run") == {"unchanged": 30}
    assert await importer.count("client") == 30


async def test_a_row_of_a_known_key_changes_what_it_says(importer: Importer) -> None:
    await importer.load(HEADER, ["1", "Ромашка", "", "+79161234567", ""])
    counts = await importer.load(
        HEADER, ["1", "Ромашка плюс", SBER, "+79161234568", ""], ["2", "Лютик", "", "", ""]
    )
    assert counts == {"updated": 1, "created": 1}
    client, _ = await importer.clients()
    assert (client["name"], client["inn"]) == ("Ромашка плюс", SBER)
    assert client["phones"] == ["+79161234567", "+79161234568"], "none is taken away"
    path = f"/clients/{client['id']}/history"
    changed, _ = (await importer.tenant.call(importer.head, "GET", path)).body["items"]
    assert (changed["what"], changed["import_id"]) == ("changed", importer.last["id"])


async def test_what_people_changed_since_stays_where_the_row_is_as_before(
    importer: Importer,
) -> None:
    row = ["1", "Ромашка", "", "+79161234567", ""]
    await importer.load(HEADER, row)
    (client,) = await importer.clients()
    change = {"name": "Ромашка на Тверской"}
    await importer.tenant.call(importer.head, "PATCH", f"/clients/{client['id']}", change)
    assert await importer.load(HEADER, row, ["2", "Лютик", "", "", ""]) == {
        "created": 1,
        "unchanged": 1,
    }
    assert (await importer.clients())[0]["name"] == "Ромашка на Тверской"


async def test_a_known_client_is_completed_and_not_doubled(importer: Importer) -> None:
    tenant = importer.tenant
    known = {"name": "Ромашка", "kind": "organization", "inn": SBER}
    await tenant.call(importer.head, "POST", "/clients", known)
    counts = await importer.load(
        HEADER,
        ["1", "ООО Ромашка", SBER, "+79161234567", ""],
        ["2", "ООО Ромашка", SBER, "+79161234567", ""],
    )
    assert counts == {"updated": 1, "unchanged": 1}
    (client,) = await importer.clients()
    assert (client["name"], client["phones"]) == ("Ромашка", ["+79161234567"])


async def test_rows_of_one_file_that_are_one_client_make_one(importer: Importer) -> None:
    counts = await importer.load(
        HEADER,
        ["1", "Ромашка", SBER, "+79161234567", ""],
        ["2", "Ромашка", "", "+79161234567", "a@example.ru"],
        ["1", "Ромашка", SBER, "+79161234567", ""],
    )
    assert counts == {"created": 1, "updated": 1, "unchanged": 1}
    (client,) = await importer.clients()
    assert client["emails"] == ["a@example.ru"]
    assert await importer.count("client_identity") == 3


async def test_a_client_of_another_room_is_refused_without_a_word_of_it(
    importer: Importer,
) -> None:
    tenant = importer.tenant
    other = await tenant.user("head", room_id=await tenant.another_room())
    known = {"name": "Тайный", "kind": "organization", "inn": SBER, "phones": ["+79161234567"]}
    assert (await tenant.call(other, "POST", "/clients", known)).status == 201
    counts = await importer.load(HEADER, ["1", "Ромашка", SBER, "", ""])
    assert counts == {"refused": 1}
    (row,) = await importer.refused(importer.last)
    assert row[:2] == ["1", "Ромашка"]
    assert row[-2:] == ["2", "Клиент с такими контактами уже зарегистрирован."]
    assert "Тайный" not in str(row)
    assert await importer.count("import_key") == 0


async def test_refused_rows_are_mended_and_uploaded_again(importer: Importer) -> None:
    header = [*HEADER, "Крупный"]
    await importer.load(
        header,
        ["1", "Ромашка", "123", "+7916", "кто-то", "может быть"],
        ["2", "Лютик", "", "+79161234567", "", "да"],
        ["3", "=1+1", "", "", "", ""],
        ["4", "Мак", "", "", "", "", "лишнее"],
        ["5", "x" * 1001, "", "", "", ""],
    )
    rows = await importer.refused(importer.last)
    assert [row[-2] for row in rows] == ["2", "5", "6"]
    assert "ИНН" in rows[0][-1]
    assert all(name in rows[0][-1] for name in ("Телефон", "Почта", "Крупный"))
    assert "Ячеек больше, чем столбцов" in rows[1][-1]
    assert "Символов не больше" in rows[2][-1]
    mended = [[row[0], f"Клиент {row[0]}", "", "", "", "", *row[6:]] for row in rows]
    counts = await importer.load([*header, "Строка", "Причина отказа"], *mended)
    assert counts == {"created": 3}
    assert {client["name"] for client in await importer.clients()} >= {"Клиент 1", "=1+1"}


async def test_a_workbooks_refused_rows_come_as_a_workbook(importer: Importer) -> None:
    rows: list[list[Any]] = [
        ["Выгрузка клиентов", None, None, None],
        ["Код", "Название", "ИНН", "Телефон"],
        [1.0, "Ромашка", 7707083893, 79161234567.0],
        [2.0, "Лютик", 123, 7.9161234568e10],
        [None, None, None, None],
        [3.0, None, None, None],
    ]
    content = workbook(rows, merged="A1:D1")
    import_ = await importer.upload(content, filename="клиенты.xlsx")
    assert [column["field"] for column in import_["columns"]] == [
        "external_id", "name", "inn", "phones",
    ]  # fmt: skip
    assert await importer.do(import_, "run") == {"created": 1, "refused": 2}
    (client,) = await importer.clients()
    assert (client["inn"], client["phones"]) == (SBER, ["+79161234567"])
    caller = importer.tenant.caller_of(importer.head)
    path = f"/imports/{import_['id']}/refused"
    status, refused = await importer.tenant.api.get_file(caller, path)
    assert (status, refused[:4]) == (200, b"PK\x03\x04")
    again = await importer.upload(refused, filename="снова.xlsx")
    assert [column["title"] for column in again["columns"]][-2:] == ["Строка", "Причина отказа"]
    assert again["columns"][-2]["samples"] == ["4", "6"]


@pytest.mark.parametrize("rows", [ROWS - 1, ROWS, 2 * ROWS + 12])
async def test_a_table_of_several_chunks_is_imported_whole(importer: Importer, rows: int) -> None:
    lines = [[str(n), f"Клиент {n}", "", "", f"c{n}@example.ru"] for n in range(rows)]
    import_ = await importer.upload(table(HEADER, *lines))
    assert import_["row_count"] == rows
    assert await importer.count("import_chunk") == math.ceil(rows / ROWS)
    assert await importer.do(import_, "check") == {"created": rows}
    assert await importer.do(import_, "run") == {"created": rows}
    assert await importer.count("client") == rows


async def test_a_mapping_is_remembered_for_tables_of_that_shape(importer: Importer) -> None:
    odd = ["Столбец А", "Столбец Б", ""]
    import_ = await importer.upload(table(odd, ["Ромашка", "1", "x"]))
    assert [column["field"] for column in import_["columns"]] == [None, None, None]
    refused = await importer.command(import_, "run")
    assert refused.status == 422
    assert refused.body["errors"][0]["rule"] == "column_missing"
    mapped = await importer.map(import_, "name", "external_id")
    assert mapped.status == 200, mapped.body
    assert await importer.do(import_, "run") == {"created": 1}
    again = await importer.upload(table(odd, ["Лютик", "2", "y"]))
    assert [column["field"] for column in again["columns"]] == ["name", "external_id", None]
