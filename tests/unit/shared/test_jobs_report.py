"""The report of a job: who was refused, why, as CSV."""

import csv
import io
from collections.abc import Sequence

import pytest

from shared.errors import Forbidden, Invalid
from shared.jobs.job import RefusedElement
from shared.jobs.report import COLUMNS, report
from shared.web.messages import MESSAGES


async def read(rows: Sequence[RefusedElement], page: int = 2) -> bytes:
    async def read_page(position: int) -> Sequence[RefusedElement]:
        return rows[position : position + page]

    return b"".join([part async for part in report(read_page, MESSAGES["ru"])])


async def test_a_report_is_csv_that_spreadsheets_open() -> None:
    rows = [RefusedElement(str(n), "имя; имён", "too_long", {"max": n}) for n in range(5)]
    content = await read(rows)
    assert content.startswith(b"\xef\xbb\xbfelement;field;rule;message\r\n")
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert tuple(table[0]) == COLUMNS
    assert table[1:] == [
        [str(n), "имя; имён", "too_long", f"Символов не больше {n}"] for n in range(5)
    ]


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@A1", "\t=1", "\r=1", "\n=1"])
async def test_a_report_defuses_formulas(text: str) -> None:
    content = (await read([RefusedElement(text, "name", text)])).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))[1]
    assert (row[0], row[3]) == (f"'{text}", f"'{text}")


async def test_a_report_without_refusals_has_its_header() -> None:
    assert (await read([])).decode("utf-8-sig") == "element;field;rule;message\r\n"


def test_an_element_is_refused_by_each_broken_rule_or_by_the_refusal_itself() -> None:
    assert RefusedElement.of("7", Invalid("name", "too_long", max=200)) == [
        RefusedElement("7", "name", "too_long", {"max": 200})
    ]
    assert RefusedElement.of("7", Forbidden("role", roles=["admin"])) == [
        RefusedElement("7", "", "forbidden.role", {"roles": ["admin"]})
    ]


async def test_a_report_says_why_a_refusal_kept_an_element_out() -> None:
    content = await read(RefusedElement.of("7", Forbidden("role", roles=["admin"])))
    assert content.decode().splitlines()[1] == (
        "7;;forbidden.role;Для этого нужна одна из ролей: администратор."
    )
