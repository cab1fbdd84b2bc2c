"""Importing tables through the gateway: large files, jobs seen to their end, refused rows."""

from typing import Any

from tests.e2e.office import Office
from tests.support.client import Response, User
from tests.support.wait import eventually
from tests.support.workbooks import workbook


async def upload(
    office: Office, by: User, content: bytes, filename: str, kind: str = "clients", **more: Any
) -> Response:
    place = f"company_id={office.companies['main']}&room_id={office.rooms['front']}"
    path = f"/imports?filename={filename}&kind={kind}&{place}"
    return await by.call("POST", path, data=content, **more)


async def done(by: User, import_: Any, command: str) -> Any:
    """The import once its check or run has ended."""
    job = await by.do(f"/imports/{import_['id']}/{command}")

    async def ended() -> Any:
        return (await by.see(f"/jobs/{job['id']}"))["finished_at"]

    await eventually(ended)
    return await by.see(f"/imports/{import_['id']}")


async def test_a_workbook_is_checked_imported_and_found(office: Office) -> None:
    header = ["Код", "Название", "Телефон"]
    rows: list[list[Any]] = [header, [1, "Импортный клиент", 79161230001.0], [2, "", 79161230002.0]]
    uploaded = await upload(office, office.head, workbook(rows), "клиенты.xlsx")
    assert uploaded.status == 201, uploaded
    import_ = uploaded.body
    assert (import_["state"], import_["row_count"]) == ("ready", 2)
    checked = (await done(office.head, import_, "check"))["checked"]
    assert (checked["created"], checked["refused"]) == (1, 1)
    seen = await done(office.head, import_, "run")
    assert (seen["state"], seen["imported"]["created"]) == ("done", 1)
    (client,) = (await office.anna.see("/clients?q=79161230001"))["items"]
    assert client["name"] == "Импортный клиент"
    refused = await office.head.call("GET", f"/imports/{import_['id']}/refused")
    assert refused.headers["Content-Disposition"].endswith("-refused.xlsx")
    entry = (await office.admin.see("/audit?operation=upload_import"))["items"][0]
    assert (entry["target_ids"][-1], entry["details"]["kind"]) == (import_["id"], "clients")


async def test_a_file_of_several_megabytes_passes_and_a_larger_one_does_not(
    office: Office,
) -> None:
    line = "{0};Клиент {0};+7916{0:07};client{0}@example.ru;" + "x" * 200 + "\n"
    content = "Код;Название;Телефон;Почта;Прочее\n" + "".join(map(line.format, range(20_000)))
    uploaded = await upload(office, office.head, content.encode(), "большой.csv")
    assert uploaded.status == 201, uploaded

    async def read() -> Any:
        return (await office.head.see(f"/imports/{uploaded.body['id']}"))["row_count"]

    assert await eventually(read) == 20_000
    too_large = await upload(office, office.head, bytes((20 << 20) + 1), "слишком.csv")
    assert (too_large.status, too_large.code) == (413, "too_large")


async def test_only_who_heads_the_room_imports_there(office: Office) -> None:
    content = "Название\nРомашка\n".encode()
    for by, code in ((office.anna, "forbidden"), (office.people["marketer"], "forbidden")):
        refused = await upload(office, by, content, "t.csv")
        assert (refused.status, refused.code) == (403, code)
    macros = await upload(office, office.head, content, "t.xlsm")
    assert (macros.status, macros.fields) == (422, {"filename": "file_extension"})
