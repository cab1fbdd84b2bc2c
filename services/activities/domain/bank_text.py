"""The lines of a bank file: its encoding, and pieces of bytes as numbered lines of text."""

import codecs
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from shared.errors import Invalid

Encoding = Literal["utf-8", "cp1251", "cp866"]
FIRST_LINE = "1CClientBankExchange"
LONGEST_LINE = 8192
"""In bytes; the purpose of a payment has 210 characters."""
_KEYS = ("ВерсияФормата=", "Кодировка=", "ДатаНачала=", "РасчСчет=", "КонецФайла")
_HEAD_BYTES = 64 << 10


def broken_at(line: int, key: str, rule: str, /, **parameters: object) -> Invalid:
    """The refusal of a file for what stands on a line, counted from 1, under a key; empty for the
    line as a whole.
    """
    return Invalid("body", rule, line=line, key=key, **parameters)


@dataclass(frozen=True, slots=True)
class Position:
    """The place between two lines: bytes and lines that lie before it."""

    offset: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line without its end, and the place behind it."""

    text: str
    end: Position

    @property
    def number(self) -> int:
        """Its place in the file, counted from 1."""
        return self.end.line


def encoding_of(pieces: Iterable[bytes]) -> Encoding:
    """The encoding of a file, whatever its head says: UTF-8 where all of it is, else the one in
    which the format's own keys can be read.

    Raises `Invalid` for another format, and where the keys can be read in none.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    head, is_utf_8 = b"", True
    for piece in pieces:
        head += piece[: max(0, _HEAD_BYTES - len(head))]
        try:
            if is_utf_8:
                decoder.decode(piece)
        except UnicodeDecodeError:
            is_utf_8 = False
    if not head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(FIRST_LINE.encode()):
        raise broken_at(1, "", "bank_format")
    candidates: tuple[Encoding, ...] = ("utf-8",) if is_utf_8 else ("cp1251", "cp866")
    for encoding in candidates:
        if any(key.encode(encoding) in head for key in _KEYS):
            return encoding
    raise broken_at(1, "", "bank_encoding")


class LineReader:
    """Makes lines of pieces of bytes, holding no more than a line. A line ends with CR LF, LF or
    CR.
    """

    def __init__(self, encoding: Encoding, start: Position | None = None) -> None:
        self._encoding = encoding
        self._rest = b""
        self._position = start or Position()

    def feed(self, piece: bytes) -> Iterator[TextLine]:
        """The lines that end within the piece. Raises `Invalid` for an endless one."""
        lines = (self._rest + piece).splitlines(keepends=True)
        # A CR at the end may be half of a CR LF.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            yield self._line(line)
        if len(self._rest.removesuffix(b"\r")) > LONGEST_LINE:
            raise broken_at(self._position.line + 1, "", "bank_line_too_long", max=LONGEST_LINE)

    def close(self) -> Iterator[TextLine]:
        """The last line, which may have no end."""
        if self._rest:
            rest, self._rest = self._rest, b""
            yield self._line(rest)

    def _line(self, line: bytes) -> TextLine:
        before, content = self._position, line.rstrip(b"\r\n")
        if len(content) > LONGEST_LINE:
            raise broken_at(before.line + 1, "", "bank_line_too_long", max=LONGEST_LINE)
        if before.offset == 0:
            content = content.removeprefix(codecs.BOM_UTF8)
        self._position = Position(before.offset + len(line), before.line + 1)
        return TextLine(_readable(content.decode(self._encoding, "replace")), self._position)


def _readable(text: str) -> str:
    """Without control and format characters, blanks joined: what can be stored and seen."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    shown = (" " if unicodedata.category(sign) in ("Cc", "Zs") else sign for sign in text)
    kept = "".join(sign for sign in shown if unicodedata.category(sign) not in ("Cf", "Cs"))
    return " ".join(kept.split())
