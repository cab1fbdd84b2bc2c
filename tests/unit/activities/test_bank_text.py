"""The lines of a bank file, whatever its encoding and its ends."""

from collections.abc import Iterator

import pytest

from services.activities.domain.bank_text import (
    LONGEST_LINE,
    Encoding,
    LineReader,
    Position,
    TextLine,
    encoding_of,
)
from shared.errors import Invalid

HEAD = "1CClientBankExchange\r\nВерсияФормата=1.02\r\nКодировка=Windows\r\n"


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def read(content: bytes, size: int = 7, encoding: Encoding = "utf-8") -> list[TextLine]:
    reader = LineReader(encoding)
    lines = [line for piece in pieces(content, size) for line in reader.feed(piece)]
    return [*lines, *reader.close()]


def broken(error: Invalid) -> dict[str, object]:
    (rule,) = error.extra["errors"]
    return dict(rule)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "cp866"])
@pytest.mark.parametrize("size", [1, 5, 64, 1 << 20])
def test_the_encoding_is_found_whatever_the_head_says(encoding: Encoding, size: int) -> None:
    assert encoding_of(pieces(HEAD.encode(encoding), size)) == encoding


def test_one_byte_that_is_no_utf_8_makes_another_encoding() -> None:
    content = HEAD.encode() + b"\xcf"
    assert encoding_of([content]) == "utf-8", "a character may be cut off at the end"
    with pytest.raises(Invalid) as refused:
        encoding_of([content + b"\r\n"])
    assert broken(refused.value)["rule"] == "bank_encoding"


def test_a_file_of_utf_8_may_have_a_byte_order_mark() -> None:
    content = b"\xef\xbb\xbf" + HEAD.encode()
    assert encoding_of([content]) == "utf-8"
    assert read(content)[0].text == "1CClientBankExchange"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "bank_format"),
        (b"%PDF-1.7", "bank_format"),
        (HEAD.encode("utf-16"), "bank_format"),
        (b"1CClientBankExchange\r\nVersion=1\r\n", "bank_encoding"),
    ],
)
def test_another_format_is_refused_at_its_first_line(content: bytes, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        encoding_of([content])
    assert broken(refused.value) == {"field": "body", "rule": rule, "line": 1, "key": ""}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_end_with_cr_lf_or_either(size: int) -> None:
    lines = read("а\r\nб\nв\rг\r\r\nд".encode(), size)
    assert [line.text for line in lines] == ["а", "б", "в", "г", "", "д"]
    assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[-1].end == Position(offset=17, line=6)


def test_a_line_ends_where_the_next_begins() -> None:
    content = "Номер=1\r\nДата=2\n".encode("cp1251")
    first, second = read(content, encoding="cp1251")
    assert (first.end, second.end) == (Position(9, 1), Position(16, 2))
    again = LineReader("cp1251", first.end)
    assert list(again.feed(content[first.end.offset :])) == [second]


def test_what_can_neither_be_seen_nor_stored_is_left_out() -> None:
    (line,) = read("  Плательщик=ООО\t«А\u00ad»\0  Б\u00a0В\u200b \n".encode(), 100)
    assert line.text == "Плательщик=ООО «А» Б В"


def test_a_broken_character_does_not_break_the_line() -> None:
    (line,) = read(b"\x98\xc0\n", encoding="cp1251")
    assert line.text == "\ufffdА"


@pytest.mark.parametrize("end", [b"\r\n", b""])
def test_a_line_has_a_largest_length(end: bytes) -> None:
    assert len(read(b"a\n" + b"x" * LONGEST_LINE + end, 1000)[1].text) == LONGEST_LINE
    with pytest.raises(Invalid) as refused:
        read(b"a\n" + b"x" * (LONGEST_LINE + 1) + end, 1000)
    assert broken(refused.value) == {
        "field": "body",
        "rule": "bank_line_too_long",
        "line": 2,
        "key": "",
        "max": LONGEST_LINE,
    }
