"""Is a file what its name says, and is it safe to open? Asked of its bytes before it is kept."""

import codecs
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from services.activities.domain.import_text import delimiter_of
from shared.errors import Invalid

FileFormat = Literal["csv", "xlsx"]
EXTENSIONS = ("csv", "txt", "xlsx")
MOST_ENTRIES = 1_000
MOST_UNPACKED = 256 << 20
MOST_OF_A_PART = 16 << 20
"""Bytes of a part that is held in memory as a whole, and of one row or text of the others."""
MOST_STRINGS = 64 << 20
"""Bytes of the table of texts, which is held in memory while a sheet is read."""
MOST_RATIO = 200
"""How many times larger than packed an entry may be; sheets are 10 to 40 times."""
_SMALL = 1 << 20
_SAMPLE = 16 << 10
_HEAD = 2_048
_STRINGS = "xl/sharedStrings.xml"
_SHEETS = "xl/worksheets/"
_PIECE = 256 << 10
_NEEDED = ("[Content_Types].xml", "xl/workbook.xml")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TEXT = (_ZIP, _OLE, b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"))


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """The format of a file; of text also how it is encoded and what stands between its cells."""

    format: FileFormat
    encoding: str | None = None
    delimiter: str | None = None


def scan(name: str, content: bytes) -> ScannedFile:
    """What a file is. Raises `Invalid` for one that is not what its name says, or that is dangerous
    to open.
    """
    extension = PurePosixPath(name.replace("\\", "/")).suffix.removeprefix(".").casefold()
    if extension not in EXTENSIONS:
        raise Invalid("filename", "file_extension", allowed=list(EXTENSIONS))
    if not content.strip():
        raise Invalid("body", "file_empty")
    if extension == "xlsx":
        _require_safe_workbook(content)
        return ScannedFile("xlsx")
    return _scan_text(content)


def text_of(content: bytes) -> str:
    """The text of a table that is no workbook, in whichever encoding it was saved. Raises `Invalid`
    for what is no text.
    """
    return _decoded(content)[1]


def _scan_text(content: bytes) -> ScannedFile:
    encoding, text = _decoded(content)
    sample = text[:_SAMPLE].replace("\r\n", "\n").replace("\r", "\n")
    return ScannedFile("csv", encoding, delimiter_of(sample))


def _decoded(content: bytes) -> tuple[str, str]:
    """How a text is encoded, and the text."""
    if content.startswith(_NO_TEXT):
        raise Invalid("body", "file_content")
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    if encoding != "utf-16" and _CONTROLS.search(content):
        raise Invalid("body", "file_content")
    for candidate in (encoding,) if encoding else ("utf-8", "cp1251"):
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise Invalid("body", "file_content")
        return candidate, text
    raise Invalid("body", "file_encoding")


def _require_safe_workbook(content: bytes) -> None:
    if content.startswith(_OLE):
        raise Invalid("body", "file_old_or_encrypted")
    if not content.startswith(_ZIP):
        raise Invalid("body", "file_content")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            entries = book.infolist()
            _require_bounded(entries)
            names = [entry.filename for entry in entries]
            _require_plain(names, book)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _require_no_entities(book, entry)
                    _require_small_elements(book, entry)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Invalid("body", "file_content") from None
    except (ValueError, KeyError, UnicodeError):
        raise Invalid("body", "file_content") from None


def _require_bounded(entries: list[zipfile.ZipInfo]) -> None:
    """No bomb: `zipfile` itself never unpacks more than an entry declares."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise Invalid("body", "file_unpacked", max=MOST_UNPACKED)
    for entry in entries:
        if entry.flag_bits & 1:
            raise Invalid("body", "file_old_or_encrypted")
        is_bomb = entry.file_size > _SMALL and entry.file_size > MOST_RATIO * entry.compress_size
        if is_bomb or (entry.filename == _STRINGS and entry.file_size > MOST_STRINGS):
            raise Invalid("body", "file_unpacked", max=MOST_UNPACKED)


def _require_plain(names: list[str], book: zipfile.ZipFile) -> None:
    if len(set(names)) != len(names) or not set(_NEEDED) <= set(names):
        raise Invalid("body", "file_content")
    folded = [name.casefold() for name in names]
    has_macros = any(name.endswith(("vbaproject.bin", ".bas")) for name in folded)
    if has_macros or b"macroEnabled" in book.read("[Content_Types].xml"):
        raise Invalid("body", "file_macros")
    if any("/externallinks/" in f"/{name}" or "/embeddings/" in f"/{name}" for name in folded):
        raise Invalid("body", "file_links")


def _require_small_elements(book: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """A parser that goes from row to row holds one of them: none may be as large as the file."""
    end = b"si>" if entry.filename == _STRINGS else b"row>"
    if entry.filename != _STRINGS and not entry.filename.startswith(_SHEETS):
        if entry.file_size > MOST_OF_A_PART:
            raise Invalid("body", "file_unpacked", max=MOST_OF_A_PART)
        return
    since, tail = 0, b""
    with book.open(entry) as opened:
        while piece := opened.read(_PIECE):
            place = (tail + piece).rfind(end)
            since = since + len(piece) if place < 0 else len(tail) + len(piece) - place
            tail = piece[-len(end) :]
            if since > MOST_OF_A_PART:
                raise Invalid("body", "file_unpacked", max=MOST_OF_A_PART)


def _require_no_entities(book: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """No spreadsheet declares a document type; entities are a bomb's way to grow."""
    with book.open(entry) as opened:
        head = opened.read(_HEAD)
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise Invalid("body", "file_content")
