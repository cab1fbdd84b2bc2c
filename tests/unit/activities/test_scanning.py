"""Files that are not what they say, or are dangerous to open, are refused before they are kept."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.activities.handlers.importing import scanning
from services.activities.handlers.importing.scanning import scan
from shared.errors import Invalid
from tests.support.workbooks import BOOK, CONTENT_TYPES, repacked, workbook

FILES = Path(__file__).parents[2] / "files" / "imports"
PLAIN = workbook([["Название", "ИНН"], ["Ромашка", "7707083893"]])
MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def rule_of(name: str, content: bytes) -> tuple[str, str]:
    """The field and the rule for which a file is refused."""
    with pytest.raises(Invalid) as refused:
        scan(name, content)
    (error,) = refused.value.extra["errors"]
    return error["field"], error["rule"]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1251", "cp1251"), ("utf-16", "utf-16")],
)
def test_a_text_is_known_by_its_encoding_and_delimiter(encoding: str, found: str) -> None:
    scanned = scan("Клиенты.CSV", "Название;ИНН\r\nРомашка;1\r\n".encode(encoding))
    assert (scanned.format, scanned.encoding, scanned.delimiter) == ("csv", found, ";")


def test_a_workbook_is_known_by_its_parts() -> None:
    assert scan("клиенты.xlsx", PLAIN) == scanning.ScannedFile("xlsx")


@pytest.mark.parametrize("name", ["a.xls", "a.xlsm", "a", "a.csv.exe", "csv", ".xlsx.zip"])
def test_another_extension_is_refused(name: str) -> None:
    assert rule_of(name, PLAIN) == ("filename", "file_extension")


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.csv", b"", "file_empty"),
        ("a.csv", b" \r\n\t", "file_empty"),
        ("a.csv", PLAIN, "file_content"),
        ("a.csv", b"%PDF-1.7\n", "file_content"),
        ("a.csv", b"a;b\n\x00\x01;c\n", "file_content"),
        ("a.csv", b"a;b\n\x98\xff;c\n", "file_encoding"),
        ("a.xlsx", "Название;ИНН\n".encode(), "file_content"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "file_old_or_encrypted"),
        ("a.xlsx", b"PK\x03\x04 and nothing else", "file_content"),
        ("a.xlsx", PLAIN[: len(PLAIN) // 2], "file_content"),
        ("a.xlsx", repacked(PLAIN, {BOOK: None}), "file_content"),
        ("a.xlsx", repacked(PLAIN, {CONTENT_TYPES: None}), "file_content"),
        ("a.xlsx", repacked(PLAIN, {"xl/vbaProject.bin": b"x"}), "file_macros"),
        ("a.xlsx", repacked(PLAIN, {CONTENT_TYPES: b"<Types>" + MACROS}), "file_macros"),
        ("a.xlsx", repacked(PLAIN, {"xl/externalLinks/externalLink1.xml": b"<a/>"}), "file_links"),
        ("a.xlsx", repacked(PLAIN, {"xl/embeddings/oleObject1.bin": b"x"}), "file_links"),
        ("a.xlsx", repacked(PLAIN, {BOOK: b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "file_content"),
        ("a.xlsx", repacked(PLAIN, {"xl/media/zeros": bytes(4 << 20)}), "file_unpacked"),
        ("a.xlsx", repacked(PLAIN, {f"x{n}": b"x" for n in range(1000)}), "file_unpacked"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, content: bytes, rule: str) -> None:
    assert rule_of(name, content) == ("body", rule)


def test_a_workbook_that_is_too_large_unpacked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as book:
        unpacked = sum(entry.file_size for entry in book.infolist())
    monkeypatch.setattr(scanning, "MOST_UNPACKED", unpacked)
    scan("a.xlsx", PLAIN)
    monkeypatch.setattr(scanning, "MOST_UNPACKED", unpacked - 1)
    assert rule_of("a.xlsx", PLAIN) == ("body", "file_unpacked")
    monkeypatch.undo()
    monkeypatch.setattr(scanning, "MOST_STRINGS", 10)
    with_strings = repacked(PLAIN, {"xl/sharedStrings.xml": b"<sst/>" * 2})
    assert rule_of("a.xlsx", with_strings) == ("body", "file_unpacked")


def test_a_row_as_large_as_a_sheet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "MOST_OF_A_PART", 20_000)
    monkeypatch.setattr(scanning, "_PIECE", 1_000)
    sheet = "xl/worksheets/sheet1.xml"
    short = b"<row><c/></row>" * 5_000
    scan("a.xlsx", repacked(PLAIN, {sheet: b"<worksheet>" + short + b"</worksheet>"}))
    for part in (b"<row>" + b"<c/>" * 6_000 + b"</row>", short + b"<c/>" * 6_000):
        assert rule_of("a.xlsx", repacked(PLAIN, {sheet: part})) == ("body", "file_unpacked")
    styles = repacked(PLAIN, {"xl/styles.xml": b"<a/>" * 5_001})
    assert rule_of("a.xlsx", styles) == ("body", "file_unpacked")


@pytest.mark.parametrize("path", sorted(FILES.glob("*.*")), ids=lambda path: path.name)
def test_the_files_of_real_shape_are_let_in(path: Path) -> None:
    scan(path.name, path.read_bytes())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx"]))
def test_any_bytes_are_let_in_or_refused(content: bytes, name: str) -> None:
    try:
        scan(name, content)
    except Invalid:
        pass


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_let_in_or_refused(place: int, damage: bytes) -> None:
    content = PLAIN[:place] + damage + PLAIN[place + len(damage) :]
    try:
        scan("a.xlsx", content)
    except Invalid:
        pass
