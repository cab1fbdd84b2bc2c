"""Files of real shape, from the systems that rooms come from, as they are."""

from pathlib import Path

import pytest

from tests.integration.activities.importing import Importer

FILES = Path(__file__).parents[2] / "files" / "imports"


async def load(importer: Importer, name: str, kind: str = "clients") -> dict[str, int]:
    content = (FILES / name).read_bytes()
    importer.last = await importer.upload(content, filename=name, kind=kind)
    assert importer.last["state"] in ("ready", "done"), importer.last
    return await importer.do(importer.last, "run")


@pytest.mark.parametrize(
    ("name", "encoding", "counts", "refused"),
    [
        ("clients_1c_cp1251.csv", "cp1251", {"created": 4, "refused": 1}, ["7"]),
        ("clients_crm_utf8_bom.csv", "utf-8-sig", {"created": 2, "refused": 2}, ["3", "5"]),
        ("clients_unicode_tab.txt", "utf-8-sig", {"created": 2, "refused": 1}, ["4"]),
        ("clients_sep_line.csv", "utf-8-sig", {"created": 1, "refused": 1}, ["4"]),
    ],
)
async def test_a_text_is_imported_but_for_its_mistakes(
    importer: Importer, name: str, encoding: str, counts: dict[str, int], refused: list[str]
) -> None:
    assert await load(importer, name) == counts
    delimiter = {"clients_crm_utf8_bom.csv": ",", "clients_unicode_tab.txt": "\t"}.get(name, ";")
    rows = await importer.refused(importer.last, encoding, delimiter)
    assert [row[-2] for row in rows] == refused


async def test_a_workbook_is_imported_but_for_its_mistakes(importer: Importer) -> None:
    assert await load(importer, "clients_excel.xlsx") == {"created": 3, "refused": 2}
    clients = {client["name"]: client for client in await importer.clients()}
    assert clients["ООО Вектор"]["phones"] == ["+79161230040", "+74951226355"]
    assert clients["ООО Тверь"]["inn"] == "0690209380"


async def test_deals_and_calls_follow_their_clients(importer: Importer) -> None:
    await load(importer, "clients_1c_cp1251.csv")
    assert await load(importer, "deals_cp1251.csv", "activities") == {"created": 3, "refused": 2}
    assert await load(importer, "calls.xlsx", "interactions") == {"created": 3, "refused": 2}
    assert await load(importer, "calls.xlsx", "interactions") == {"unchanged": 3, "refused": 2}
