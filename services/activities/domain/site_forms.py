"""Reading a site's form: which of its fields means what, and nothing that was typed is dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import unquote

Meaning = Literal[
    "name",
    "phone",
    "email",
    "inn",
    "note",
    "consent",
    "external_id",
    "form_id",
    "yclid",
    "metrica_client_id",
    "metrica_user_id",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "cookies",
    "ignored",
]
ADVERTISING: tuple[Meaning, ...] = tuple(
    meaning for meaning in get_args(Meaning) if meaning.startswith(("utm_", "yclid", "metrica_"))
)
_SPELLINGS: Mapping[Meaning, str] = {
    "name": "name fio имя фио ваше_имя",
    "phone": "phone tel telephone телефон ваш_телефон",
    "email": "email e-mail mail почта",
    "inn": "inn инн",
    "note": "note comment comments message textarea text сообщение комментарий",
    "consent": "consent agreement checkbox согласие",
    "external_id": "tranid external_id",
    "form_id": "formid form_id",
    "metrica_client_id": "_ym_uid ym_client_id",
    "cookies": "cookies",
}
DEFAULT_FIELDS: Mapping[str, Meaning] = {
    **{
        spelling.replace("_", " ") if meaning in ("name", "phone") else spelling: meaning
        for meaning, spellings in _SPELLINGS.items()
        for spelling in spellings.split()
    },
    **{meaning: meaning for meaning in ADVERTISING},
}
"""What fields mean that site builders name so; Tilda's first of all. Case does not count."""
_REFUSALS = frozenset({"no", "off", "false", "0", "нет"})
_YM_COOKIE, _TILDA_COOKIE, _TILDA_SEPARATOR = "_ym_uid", "tildautm", "|||"
Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ReadForm:
    """A form's values by what they mean, and the other fields as they came."""

    values: Mapping[Meaning, str]
    lines: Fields

    @property
    def has_consent(self) -> bool:
        """Whether the box was ticked."""
        return self.values.get("consent", "no").casefold() not in _REFUSALS


def is_probe(fields: Fields) -> bool:
    """Whether the sender only tries whether somebody answers, as Tilda does."""
    return list(fields) == [("test", "test")]


def read_form(fields: Fields, meanings: Mapping[str, Meaning]) -> ReadForm:
    """Reads fields by `meanings`, which come before the usual ones. Of two fields of one meaning
    the first counts, the other is kept as it came.
    """
    own = {name.casefold(): meaning for name, meaning in meanings.items()}
    values: dict[Meaning, str] = {}
    lines: list[tuple[str, str]] = []
    for name, typed in fields:
        value, key = typed.strip(), name.strip().casefold()
        meaning = own.get(key) or DEFAULT_FIELDS.get(key)
        if not value or meaning == "ignored":
            continue
        if meaning and meaning not in values:
            values[meaning] = value
        else:
            lines.append((name.strip(), value))
    return ReadForm({**_of_cookies(values.pop("cookies", "")), **values}, lines)


def _of_cookies(cookies: str) -> dict[Meaning, str]:
    """What the site's cookies say of advertising, where the builder sends them along."""
    values: dict[Meaning, str] = {}
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name.casefold() == _YM_COOKIE and value:
            values["metrica_client_id"] = value
        elif name.casefold() == _TILDA_COOKIE:
            for mark in unquote(value).split(_TILDA_SEPARATOR):
                mark_name, _, mark_value = mark.partition("=")
                for meaning in ADVERTISING:
                    if meaning == mark_name and mark_value:
                        values[meaning] = mark_value
    return values
