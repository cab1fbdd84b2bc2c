"""Bodies that site builders send: form-encoded, multipart, or one JSON object."""

import unicodedata
from collections.abc import Sequence
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import orjson

MOST_FIELDS = 300
_MULTIPART = "multipart/form-data"
Fields = Sequence[tuple[str, str]]


def read_fields(body: bytes, content_type: str) -> Fields | None:
    """The fields of a body in their order; None for what is no form of any kind.

    Text is UTF-8, else Windows-1251; characters that nothing can store are left out.
    """
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == _MULTIPART:
            fields = _of_multipart(body, content_type)
        elif kind.endswith("json"):
            fields = _of_json(body)
        else:
            fields = _of_query(body)
    except (ValueError, LookupError, RecursionError):
        return None
    if not fields or len(fields) > MOST_FIELDS:
        return None
    return [(_storable(name), _storable(value)) for name, value in fields]


def _of_query(body: bytes) -> list[tuple[str, str]]:
    # As Latin-1 each character is a byte of what was sent, in whatever encoding that is.
    pairs = parse_qsl(
        body.decode("latin-1"),
        keep_blank_values=True,
        encoding="latin-1",
        max_num_fields=MOST_FIELDS,
    )
    return [(_text(name), _text(value)) for name, value in pairs]


def _text(latin: str) -> str:
    return decoded(latin.encode("latin-1", "replace"))


def decoded(raw: bytes) -> str:
    """Text as it was meant: UTF-8, else Windows-1251."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1251", "replace")


def _of_json(body: bytes) -> list[tuple[str, str]]:
    content = orjson.loads(body)
    if not isinstance(content, dict):
        raise ValueError("not an object")
    return [(name, _plain(value)) for name, value in content.items()]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _of_multipart(body: bytes, content_type: str) -> list[tuple[str, str]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    fields = []
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if name and part.get_filename() is None and isinstance(payload, bytes):
            fields.append((str(name), decoded(payload)))
    return fields


def _storable(text: str) -> str:
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )
