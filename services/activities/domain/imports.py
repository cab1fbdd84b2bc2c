"""Imports: which fields a table's columns may fill, what they are proposed for, and what state an
import is in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from services.activities.domain.refusals import (
    ImportBusy,
    ImportExpired,
    ImportHasRun,
    ImportNotRead,
)
from shared.errors import Invalid

ImportKind = Literal["clients", "activities", "interactions"]
ImportState = Literal["reading", "unreadable", "ready", "checking", "running", "done", "expired"]
KeyKind = Literal[ImportKind, "persons"]
"""What a sender's key may be of: contact persons come with their clients."""
RowOutcome = Literal["created", "updated", "unchanged", "refused"]
CUSTOM = "custom:"
"""Before the id of a company's own field."""


@dataclass(frozen=True, slots=True)
class ImportField:
    """What a column may fill. Of a `many` one several columns may; `titles` are what people call
    it, as `title_key` has them.
    """

    name: str
    titles: frozenset[str]
    required: bool = False
    many: bool = False


def _field(name: str, titles: str, required: bool = False, many: bool = False) -> ImportField:
    keys = frozenset(title_key(title) for title in titles.split(","))
    return ImportField(name, keys | {title_key(name)}, required, many)


def title_key(title: str) -> str:
    """A column's title without case, spaces and signs."""
    return "".join(sign for sign in title.casefold().replace("ё", "е") if sign.isalnum())


_OWN_KEY = "id,ид,код,внешний код,внешний ключ,external id,номер в учётной системе,guid,гуид"
_CLIENT = (
    _field(
        "name",
        "название,наименование,имя,фио,клиент,контрагент,организация,компания,"
        "наименование контрагента,полное наименование,name,company,client",
        required=True,
    ),
    _field("kind", "вид,вид клиента,тип,тип клиента,вид контрагента,юр физ лицо,type"),
    _field("inn", "инн,инн клиента,инн контрагента,tin"),
    _field("kpp", "кпп,кпп клиента"),
    _field(
        "phones",
        "телефон,телефоны,тел,мобильный,моб тел,рабочий телефон,раб телефон,мобильный телефон,"
        "контактный телефон,номер телефона,phone,mobile,телефон 2,телефон 1,доп телефон",
        many=True,
    ),
    _field(
        "emails",
        "почта,e-mail,email,эл почта,электронная почта,адрес электронной почты,мейл,имейл,e-mail 2",
        many=True,
    ),
    _field("large", "крупный,крупный клиент,vip,large"),
)
_PERSON = (
    _field(
        "person_name",
        "контактное лицо,контакт,фио контакта,имя контакта,фио контактного лица,"
        "имя контактного лица,представитель,contact,contact person,contact name",
    ),
    _field("person_position", "должность,должность контактного лица,position,job title"),
    _field(
        "person_phones",
        "телефон контактного лица,телефоны контактного лица,телефон контакта,"
        "мобильный контактного лица,телефон представителя,contact phone",
        many=True,
    ),
    _field(
        "person_emails",
        "почта контактного лица,почта контакта,e-mail контактного лица,e-mail контакта,"
        "email представителя,contact e-mail",
        many=True,
    ),
    _field(
        "person_external_id",
        "код контактного лица,ид контактного лица,код контакта,id контакта,contact id",
    ),
)
FIELDS: Mapping[ImportKind, tuple[ImportField, ...]] = {
    "clients": (_field("external_id", _OWN_KEY), *_CLIENT, *_PERSON),
    "activities": (
        _field("external_id", f"{_OWN_KEY},номер,номер заявки,номер сделки,код активности"),
        _field("client_external_id", "код клиента,ид клиента,внешний код клиента,id клиента"),
        *(replace(each, required=False) for each in _CLIENT),
        _field("source", "источник,источник привлечения,канал,откуда,source,utm source"),
        _field("product", "продукт,товар,услуга,номенклатура,product"),
        _field("quantity", "количество,кол-во,шт,quantity"),
        _field("price", "цена,стоимость,цена за единицу,price"),
        _field("note", "заметка,примечание,комментарий,описание,note,comment"),
        _field(
            "responsible",
            "ответственный,менеджер,продавец,сотрудник,почта сотрудника,табельный номер,"
            "ответственный менеджер,responsible,manager",
        ),
    ),
    "interactions": (
        _field("external_id", f"{_OWN_KEY},код взаимодействия,номер звонка"),
        _field(
            "activity_external_id",
            "код активности,ид активности,номер активности,номер сделки,код сделки,номер заявки,"
            "id сделки,activity",
            required=True,
        ),
        _field("kind", "вид,тип,вид взаимодействия,тип взаимодействия,канал,kind,type"),
        _field("at", "дата,дата и время,когда,время,дата звонка,дата взаимодействия,at,date", True),
        _field("note", "заметка,примечание,комментарий,результат,описание,note,comment,текст"),
    ),
}
"""What each kind of import takes, besides the company's own fields of clients."""


def columns_of(fields: Mapping[int, str], name: str) -> list[int]:
    """The places of the columns that fill a field, in their order."""
    return sorted(place for place, filled in fields.items() if filled == name)


def column_keys(titles: Sequence[str]) -> list[str]:
    """What tells columns apart when a table of the same shape comes again: their titles, counted
    where one is there more than once or empty.
    """
    keys: list[str] = []
    for title in titles:
        key = title_key(title)
        count = sum(earlier.partition("#")[0] == key for earlier in keys)
        keys.append(f"{key}#{count}" if count or not key else key)
    return keys


def header_key(kind: ImportKind, titles: Sequence[str]) -> bytes:
    """The key of a kind's set of columns, whatever their order."""
    return sha256("\n".join([kind, *sorted(column_keys(titles))]).encode()).digest()


def propose(
    kind: ImportKind,
    titles: Sequence[str],
    custom: Mapping[str, str],
    remembered: Mapping[str, str],
) -> dict[int, str]:
    """The field that each column seems to fill: as somebody said of such a table before
    (`remembered`, by column key), else by its title. `custom` are the company's own fields in use,
    their names by `custom:<id>`.
    """
    known = {each.name: each for each in FIELDS[kind]}
    takes_custom = kind != "interactions"
    by_title = {title_key(name): key for key, name in custom.items()} if takes_custom else {}
    chosen: dict[int, str] = {}
    for place, (title, key) in enumerate(zip(titles, column_keys(titles), strict=True)):
        name = remembered.get(key) if remembered else _field_titled(kind, title_key(title))
        name = name or (None if remembered else by_title.get(title_key(title)))
        if name is None or (name not in known and (name not in custom or not takes_custom)):
            continue
        is_many = name in known and known[name].many
        if is_many or name not in chosen.values():
            chosen[place] = name
    return chosen


def _field_titled(kind: ImportKind, key: str) -> str | None:
    for each in FIELDS[kind]:
        if key and key in each.titles:
            return each.name
    return None


def require_mapping(
    kind: ImportKind, width: int, fields: Mapping[int, str], custom: Collection[str]
) -> None:
    """Raises `Invalid` for a column that is not there, a field that is not of the kind or the
    company, a field that two columns fill though one may, or a required one that none does.
    """
    known = {each.name: each for each in FIELDS[kind]}
    own = custom if kind != "interactions" else ()
    for place, name in fields.items():
        if not 0 <= place < width:
            raise Invalid(f"columns.{place}", "at_most", max=width - 1)
        if name not in known and name not in own:
            raise Invalid(f"columns.{place}.field", "one_of", allowed=[*known, *own])
        earlier = [each for each, filled in fields.items() if filled == name and each < place]
        if earlier and not (name in known and known[name].many):
            raise Invalid(f"columns.{place}.field", "distinct")
    for name, each in known.items():
        if each.required and name not in fields.values():
            raise Invalid("columns", "column_missing", column=name)
    persons = {each.name for each in _PERSON} & set(fields.values())
    if kind == "clients" and persons and "person_name" not in persons:
        raise Invalid("columns", "column_missing", column="person_name")
    if kind == "activities" and not {"name", "client_external_id", "inn"} & set(fields.values()):
        raise Invalid("columns", "column_missing", column="name")


def state_of(
    *,
    error: str | None,
    is_read: bool,
    has_rows: bool,
    open_job: str | None,
    is_done: bool,
) -> ImportState:
    """The state of an import: `open_job` is the kind of its job that has not ended, `has_rows`
    whether what was uploaded is still kept, `is_done` whether a run came to its end. What was
    never read to its end, because its job was cancelled, is not read any more.
    """
    if error:
        return "unreadable"
    if not has_rows:
        return "expired" if not is_done else "done"
    if not is_read:
        return "reading" if open_job else "unreadable"
    if open_job == "check_import":
        return "checking"
    if open_job:
        return "running"
    return "done" if is_done else "ready"


def require_discardable(state: ImportState, has_run: bool) -> None:
    """Raises what keeps an import from being discarded: a job of it goes on, or one has run it,
    even in part.
    """
    if state in ("reading", "checking", "running"):
        raise ImportBusy(import_state=state)
    if has_run:
        raise ImportHasRun


def require_runnable(state: ImportState, has_rows: bool) -> None:
    """Raises what keeps an import from being mapped, checked or run."""
    if state in ("checking", "running"):
        raise ImportBusy(import_state=state)
    if state in ("expired", "done") and not has_rows:
        raise ImportExpired
    if state in ("reading", "unreadable"):
        raise ImportNotRead(import_state=state)
