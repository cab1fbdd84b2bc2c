"""A whole bank file is judged before anything of it is kept."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.activities.domain.bank_examination import MOST_ACCOUNTS, Examination, examine
from shared.errors import Invalid
from shared.web.messages import MESSAGES
from tests.support.bank_file import OTHER_OWN, OWN, BankPayment, bank_file

FILES = Path(__file__).parents[2] / "files" / "bank"
GOOD = {
    "windows_1251.txt": "cp1251",
    "dos_866.txt": "cp866",
    "says_windows_is_dos_866.txt": "cp866",
    "says_windows_is_utf_8.txt": "utf-8",
    "utf_8_with_bom.txt": "utf-8",
    "cr_only.txt": "cp1251",
    "mixed_ends.txt": "cp1251",
    "broken_purpose.txt": "cp1251",
    "section_a_day.txt": "cp1251",
}


def pieces(content: bytes, size: int = 1000) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def examined(content: bytes, size: int = 1000) -> Examination:
    return examine(lambda: pieces(content, size))


def refusal(content: bytes) -> dict[str, object]:
    with pytest.raises(Invalid) as refused:
        examined(content)
    (error,) = refused.value.extra["errors"]
    text = MESSAGES["ru"].rule(error["rule"], error)
    assert "{" not in text, text
    return {name: value for name, value in error.items() if name != "field"}


@pytest.mark.parametrize(("name", "encoding"), GOOD.items())
def test_files_of_real_shape_say_the_same(name: str, encoding: str) -> None:
    examination = examined((FILES / name).read_bytes())
    assert examination.encoding == encoding
    assert (examination.documents, examination.sender) == (5, "Банк")
    (totals,) = examination.accounts.values()
    assert (totals.number, totals.opening, totals.closing) == (OWN, Decimal(100), Decimal(100))
    assert totals.received == totals.received_in_documents == Decimal("165500.50")
    assert (totals.spent, examination.first_on) == (Decimal(0), date(2026, 11, 20))
    assert examination.last_on == date(2026, 11, 20)


def test_two_accounts_are_counted_each_with_what_came_to_it() -> None:
    examination = examined((FILES / "two_accounts.txt").read_bytes())
    amounts = {
        number: totals.received_in_documents for number, totals in examination.accounts.items()
    }
    assert amounts == {OWN: Decimal("165500.50"), OTHER_OWN: Decimal("700.00")}


def test_a_period_is_as_wide_as_its_documents() -> None:
    examination = examined((FILES / "period_18_19.txt").read_bytes())
    assert (examination.first_on, examination.last_on) == (date(2026, 11, 18), date(2026, 11, 20))


@pytest.mark.parametrize("name", ["truncated.txt", "cut_in_a_document.txt"])
def test_a_truncated_file_is_refused(name: str) -> None:
    assert refusal((FILES / name).read_bytes())["rule"] == "bank_truncated"


def test_a_total_that_does_not_add_up_is_refused() -> None:
    assert refusal((FILES / "wrong_total.txt").read_bytes()) == {
        "rule": "bank_total",
        "line": 15,
        "key": "ВсегоПоступило",
        "stated": "165500.51",
        "counted": "165500.50",
    }


def test_a_total_is_compared_only_where_it_is_given() -> None:
    examination = examined(bank_file([BankPayment()], received=""))
    (totals,) = examination.accounts.values()
    assert (totals.received, totals.received_in_documents) == (None, Decimal(1000))


def test_what_has_not_come_is_not_counted() -> None:
    outgoing = BankPayment(payer_account=OWN, receiver_account="1", debited_on="20.11.2026")
    examination = examined(bank_file([BankPayment(received_on=""), outgoing]))
    assert examination.documents == 2
    assert examination.accounts[OWN].received_in_documents == 0


def test_accounts_may_stand_in_the_head_alone_and_behind_the_documents() -> None:
    text = bank_file([BankPayment()]).decode("cp1251")
    section = text[text.index("СекцияРасчСчет") : text.index("СекцияДокумент")]
    bare = text.replace(section, "")
    assert examined(bare.encode("cp1251")).accounts[OWN].received_in_documents == 1000
    behind = bare.replace(f"РасчСчет={OWN}\r\nСекция", "Секция", 1)
    behind = behind.replace("КонецФайла", f"{section}КонецФайла")
    (totals,) = examined(behind.encode("cp1251")).accounts.values()
    assert totals.received == totals.received_in_documents == 1000


@pytest.mark.parametrize(
    ("before", "after", "rule", "key"),
    [
        ("ВерсияФормата=1.02", "ВерсияФормата=2.00", "bank_version", "ВерсияФормата"),
        (f"РасчСчет={OWN}\r\nНачальный", "Начальный", "bank_key_missing", "РасчСчет"),
        (f"РасчСчет={OWN}\r\nНачальный", "РасчСчет=--\r\nНачальный", "bank_account", "РасчСчет"),
        ("НачальныйОстаток=100.00", "НачальныйОстаток=сто", "bank_amount", "НачальныйОстаток"),
        ("КонечныйОстаток=100.00", "КонечныйОстаток=1.234", "bank_amount", "КонечныйОстаток"),
        ("ВсегоСписано=0.00", "ВсегоСписано=-", "bank_amount", "ВсегоСписано"),
        ("ДатаКонца=20.11.2026", "ДатаКонца=20.13.2026", "bank_date", "ДатаКонца"),
    ],
)
def test_a_bad_head_or_account_is_refused(before: str, after: str, rule: str, key: str) -> None:
    text = bank_file([BankPayment()]).decode("cp1251")
    assert before in text
    error = refusal(text.replace(before, after).encode("cp1251"))
    assert (error["rule"], error["key"]) == (rule, key)


@pytest.mark.parametrize("version", ["1.01", "1.02", "1.03", ""])
def test_versions_that_are_alive_are_read(version: str) -> None:
    text = bank_file([]).decode("cp1251").replace("1.02", version)
    assert examined(text.encode("cp1251")).version == version


def test_a_file_without_an_account_of_ours_is_refused() -> None:
    error = refusal(bank_file([], accounts=()))
    assert (error["rule"], error["line"], error["key"]) == ("bank_key_missing", 1, "РасчСчет")


def test_a_file_has_at_most_so_many_accounts() -> None:
    numbers = [f"{number:020}" for number in range(1, MOST_ACCOUNTS + 2)]
    assert len(examined(bank_file([], accounts=numbers[:-1])).accounts) == MOST_ACCOUNTS
    assert refusal(bank_file([], accounts=numbers))["rule"] == "bank_accounts"


def test_negative_balances_are_read() -> None:
    text = bank_file([]).decode("cp1251").replace("НачальныйОстаток=", "НачальныйОстаток=-")
    assert examined(text.encode("cp1251")).accounts[OWN].opening == Decimal(-100)


GOOD_FILE = (FILES / "windows_1251.txt").read_bytes()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_mutation_of_a_file_breaks_the_reader(data: st.DataObject) -> None:
    """Whatever comes is examined or refused by name."""
    content = bytearray(data.draw(st.sampled_from([GOOD_FILE, GOOD_FILE.decode("1251").encode()])))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 40)))
        inserted = data.draw(
            st.binary(max_size=20)
            | st.sampled_from(["КонецФайла\r\n".encode("cp1251"), b"\r\n=\r\n"])
        )
        content[start:end] = inserted
    outcome = _outcome(bytes(content), 1 << 16)
    assert outcome == _outcome(bytes(content), data.draw(st.integers(1, 200)))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_follows_the_first_line_is_examined_or_refused(rest: bytes) -> None:
    _outcome(b"1CClientBankExchange\r\n" + rest, 64)
    _outcome(rest, 64)


def _outcome(content: bytes, size: int) -> object:
    """The same for all sizes of pieces."""
    try:
        examination = examined(content, size)
    except Invalid as refused:
        (error,) = refused.extra["errors"]
        assert error["rule"] in MESSAGES["en"].rules
        return error
    return examination
