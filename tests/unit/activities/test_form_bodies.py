"""Bodies of forms in every encoding, and in none."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.api.form_bodies import MOST_FIELDS, read_fields
from services.activities.domain.site_forms import read_form

QUERY = "application/x-www-form-urlencoded"
PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="Name"\r\n\r\n'
    b"\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0\r\n"
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\n\r\nfile\r\n--b--\r\n'
)


@pytest.mark.parametrize(
    ("body", "content_type", "fields"),
    [
        (b"Name=%D0%90&Phone=%2B7+916", QUERY, [("Name", "А"), ("Phone", "+7 916")]),
        ("Name=Анна".encode(), QUERY, [("Name", "Анна")]),
        (b"Name=%C0%ED%ED%E0", QUERY, [("Name", "Анна")]),
        ("Name=Анна".encode("cp1251"), "", [("Name", "Анна")]),
        (b"Name=a%00b&x=", QUERY, [("Name", "ab"), ("x", "")]),
        (
            orjson.dumps({"Name": "Анна", "n": 1, "no": None, "l": ["a"]}),
            "application/json; charset=utf-8",
            [("Name", "Анна"), ("n", "1"), ("no", ""), ("l", '["a"]')],
        ),
        (PARTS, "multipart/form-data; boundary=b", [("Name", "Анна")]),
    ],
)
def test_fields_are_read_in_their_order(
    body: bytes, content_type: str, fields: list[tuple[str, str]]
) -> None:
    assert read_fields(body, content_type) == fields


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", QUERY),
        (b"[1]", "application/json"),
        (b"{", "application/json"),
        (b"&".join(b"a=1" for _ in range(MOST_FIELDS + 1)), QUERY),
        (b"no boundary", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=b"),
    ],
)
def test_what_is_no_form_is_told_apart(body: bytes, content_type: str) -> None:
    assert read_fields(body, content_type) is None


@given(
    st.binary(max_size=2000),
    st.sampled_from(
        [QUERY, "application/json", "multipart/form-data; boundary=b", "text/plain", "", "x/\x00;="]
    )
    | st.text(max_size=60),
)
def test_any_bytes_are_read_or_told_apart(body: bytes, content_type: str) -> None:
    fields = read_fields(body, content_type)
    for name, value in fields or ():
        assert "\0" not in name + value
        (name + value).encode()
    assert read_form(fields or (), {})
