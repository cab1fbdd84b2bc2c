"""The sections of a bank file."""

import pytest

from services.activities.domain.bank_file import LONGEST_VALUE, BankFileReader, Section
from services.activities.domain.bank_text import Position
from shared.errors import Invalid

FILE = """1CClientBankExchange
ВерсияФормата=1.02

РасчСчет=1
РасчСчет=2
Документ=Платежное поручение
СекцияРасчСчет
РасчСчет=1
ВсегоПоступило=5.00
КонецРасчСчет
СекцияДокумент=Платежное поручение
Номер = 17
Сумма=
Сумма=5.00
Сумма=6.00
Неизвестно=1
НазначениеПлатежа=По счету
без номера = 3
за ноябрь
КонецДокумента
мусор между разделами
КонецФайла
"""


def read(text: str, size: int = 11) -> list[Section]:
    content, reader = text.encode(), BankFileReader("utf-8")
    sections: list[Section] = []
    for start in range(0, len(content), size):
        sections += reader.feed(content[start : start + size])
    return [*sections, *reader.close()]


def refusal(text: str) -> dict[str, object]:
    with pytest.raises(Invalid) as refused:
        read(text)
    (rule,) = refused.value.extra["errors"]
    return {name: value for name, value in rule.items() if name != "field"}


@pytest.mark.parametrize("size", [1, 11, 10_000])
def test_sections_come_in_order_with_the_lines_of_their_fields(size: int) -> None:
    head, account, document = read(FILE, size)
    assert [section.kind for section in (head, account, document)] == [
        "head",
        "account",
        "document",
    ]
    assert (head.text("ВерсияФормата"), [field.text for field in head.accounts]) == (
        "1.02",
        ["1", "2"],
    )
    assert (account.line, account.text("ВсегоПоступило")) == (7, "5.00")
    assert account.fields["ВсегоПоступило"].line == 9
    assert (document.line, document.end.line) == (11, 20)


def test_the_first_value_that_is_not_empty_is_kept() -> None:
    document = read(FILE)[2]
    assert (document.text("Номер"), document.text("Сумма")) == ("17", "5.00")
    assert document.fields["Сумма"].line == 14
    assert document.text("Неизвестно") == document.text("Дата") == ""


def test_a_line_without_a_key_goes_on_with_the_value_before() -> None:
    broken = FILE.replace("без номера = 3\n", "")
    assert read(broken)[2].text("НазначениеПлатежа") == "По счету за ноябрь"
    assert read(FILE)[2].text("НазначениеПлатежа") == "По счету", "of a key that is not read"


def test_long_values_are_cut_off() -> None:
    long = FILE.replace("По счету\nбез номера = 3", "П" * LONGEST_VALUE)
    assert read(long)[2].text("НазначениеПлатежа") == "П" * LONGEST_VALUE
    longer = FILE.replace("По счету\nбез номера = 3", "П" * (LONGEST_VALUE + 1))
    assert read(longer)[2].text("НазначениеПлатежа") == "П" * LONGEST_VALUE


def test_reading_goes_on_behind_any_section() -> None:
    content = FILE.encode()
    for place, section in enumerate(sections := read(FILE)):
        reader = BankFileReader("utf-8", section.end)
        rest = [*reader.feed(content[section.end.offset :]), *reader.close()]
        assert rest == sections[place + 1 :]


def test_a_head_ends_before_the_first_section() -> None:
    head = read(FILE)[0]
    before = FILE[: FILE.index("СекцияРасчСчет")].encode()
    assert head.end == Position(len(before), 6)


def test_a_file_of_nothing_but_a_head_is_whole() -> None:
    (head,) = read("1CClientBankExchange\nРасчСчет=1\nКонецФайла")
    assert head.kind == "head"


@pytest.mark.parametrize(
    ("text", "rule", "line", "key"),
    [
        (FILE.replace("КонецФайла\n", ""), "bank_truncated", 21, "КонецФайла"),
        (FILE[:100], "bank_truncated", 7, "КонецФайла"),
        ("", "bank_truncated", 0, "КонецФайла"),
        ("kl_to_1c\n", "bank_format", 1, ""),
        (FILE + "\n1CClientBankExchange\n", "bank_after_end", 24, ""),
        (FILE.replace("КонецРасчСчет\n", ""), "bank_section_open", 10, "СекцияДокумент"),
        (FILE.replace("КонецДокумента\n", ""), "bank_section_open", 21, "КонецФайла"),
        (FILE.replace("СекцияРасчСчет\n", ""), "bank_section_end", 9, "КонецРасчСчет"),
        (
            FILE.replace("мусор между разделами", "КонецДокумента"),
            "bank_section_end",
            21,
            "КонецДокумента",
        ),
        (
            FILE.replace("КонецДокумента", "КонецРасчСчет"),
            "bank_section_end",
            20,
            "КонецРасчСчет",
        ),
    ],
)
def test_a_broken_file_is_refused_by_line_and_key(
    text: str, rule: str, line: int, key: str
) -> None:
    error = refusal(text)
    assert (error["rule"], error["line"], error["key"]) == (rule, line, key)


def test_the_line_of_the_section_that_is_open_is_named() -> None:
    assert refusal(FILE.replace("КонецДокумента\n", ""))["opened"] == 11
