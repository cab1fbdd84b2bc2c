"""Rows of tables are taken as what they say, or refused with reasons that have words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.activities.domain.custom_fields import Choice, CustomField
from services.activities.domain.registering import OfferedProduct
from services.activities.handlers.importing.activity_rows import (
    ActivityColumns,
    ActivityRow,
    activity_row,
)
from services.activities.handlers.importing.cells import Cells
from services.activities.handlers.importing.client_rows import ClientColumns, ClientRow, client_row
from services.activities.handlers.importing.interactions import InteractionRow, interaction_row
from shared.ids import ChoiceId, CompanyId, CustomFieldId, ProductId
from shared.money import Money
from shared.vocabulary import CustomFieldKind
from shared.web.messages import MESSAGES

COMPANY, ROOM = CompanyId(UUID(int=1)), UUID(int=2)
KINDS: tuple[CustomFieldKind, ...] = ("text", "number", "money", "date", "boolean", "choice")
CUSTOM = {
    f"custom:{kind}": CustomField(
        id=CustomFieldId(UUID(int=10 + place)),
        company_id=COMPANY,
        name=kind,
        kind=kind,
        choices=(Choice(ChoiceId(UUID(int=99)), "Опт"),) if kind == "choice" else (),
        required=False,
        archived=False,
    )
    for place, kind in enumerate(KINDS)
}
CLIENT = ("external_id", "name", "kind", "inn", "kpp", "phones", "emails", "large", *CUSTOM)
ACTIVITY = ("external_id", "client_external_id", *CLIENT[1:8], "source", "product", "quantity")
ACTIVITY += ("price", "note", "responsible")
INTERACTION = ("external_id", "activity_external_id", "kind", "at", "note")
BY_CLIENTS = ClientColumns(CUSTOM, "RUB")
SOURCE: dict[str, Any] = {"id": UUID(int=3), "kind": "inbound", "archived": False}
TEN = Money(amount=Decimal("10.00"), currency="RUB")
PRODUCT = OfferedProduct(ProductId(UUID(int=4)), COMPANY, "license", TEN, False, None, True)
SELLER: dict[str, Any] = {
    "id": UUID(int=5),
    "roles": ["seller"],
    "room_ids": [ROOM],
    "headed_room_ids": None,
    "active": True,
}
BY_ACTIVITIES = ActivityColumns(
    {"сайт": SOURCE, "архив": {**SOURCE, "archived": True}},
    {"лицензия": PRODUCT},
    {"анна": SELLER, "борис": {**SELLER, "roles": ["accountant"]}},
    "RUB",
    ROOM,
    {},
)


def cells_of(fields: tuple[str, ...], values: dict[str, Any]) -> Cells:
    """A row whose columns are titled as its fields are named."""
    columns = {name: [place] for place, name in enumerate(fields)}
    return Cells(7, [values.get(name) for name in fields], columns, fields)


def client(**values: Any) -> tuple[ClientRow | None, dict[str, str]]:
    cells = cells_of(CLIENT, values)
    row = client_row(cells, BY_CLIENTS)
    return row, {refusal.field: refusal.rule for refusal in cells.refusals}


def activity(**values: Any) -> tuple[ActivityRow | None, dict[str, str]]:
    cells = cells_of(ACTIVITY, values)
    row = activity_row(cells, BY_ACTIVITIES)
    return row, {refusal.field: refusal.rule for refusal in cells.refusals}


def interaction(**values: Any) -> tuple[InteractionRow | None, dict[str, str]]:
    cells = cells_of(INTERACTION, values)
    row = interaction_row(cells, "Europe/Moscow")
    return row, {refusal.field: refusal.rule for refusal in cells.refusals}


def test_a_client_is_read_from_cells_as_they_are_written() -> None:
    row, refusals = client(
        external_id="К-1",
        name=" Ромашка ",
        inn="7707083893",
        kpp="770701001",
        phones="8 (916) 123-45-67; +7 916 123-45-67",
        emails="A@Example.ru",
        large="Да",
    )
    assert row and not refusals
    assert (row.number, row.key) == (7, "id:К-1")
    assert row.described == {
        "name": "Ромашка",
        "kind": "organization",
        "inn": "7707083893",
        "kpp": "770701001",
        "phones": ["+79161234567"],
        "emails": ["a@example.ru"],
        "large": True,
    }
    assert row.given == {"name", "kind", "inn", "kpp", "phones", "emails", "large"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"inn": "500100732259"}, "person"),
        ({"kind": "ИП", "inn": "500100732259"}, "person"),
        ({"kind": "Юридическое лицо"}, "organization"),
        ({}, "organization"),
    ],
)
def test_the_kind_of_a_client_follows_from_word_or_inn(values: dict[str, Any], kind: str) -> None:
    row, _ = client(name="Ромашка", **values)
    assert row
    assert row.described["kind"] == kind


@pytest.mark.parametrize(
    ("values", "refusals"),
    [
        ({}, {"name": "missing"}),
        ({"name": "-"}, {"name": "visible"}),
        ({"name": "x", "inn": "123"}, {"inn": "inn"}),
        ({"name": "x", "kind": "ООО"}, {"kind": "one_of"}),
        ({"name": "x", "kind": "физлицо", "inn": "7707083893"}, {"inn": "inn_of_person"}),
        ({"name": "x", "kpp": "770701001"}, {"kpp": "with_inn"}),
        ({"name": "x", "phones": "1;2"}, {"phones": "phone"}),
        ({"name": "x", "phones": ";".join(["+79161234567"] * 21)}, {"phones": "too_many"}),
        ({"name": "x", "inn": {"broken": "digits_lost"}}, {"inn": "digits_lost"}),
        ({"name": "x", "custom:number": "много"}, {"custom:number": "number"}),
        ({"name": "x", "custom:number": "1,12345"}, {"custom:number": "plain_number"}),
        ({"name": "x", "custom:money": "1,234"}, {"custom:money": "decimal_places"}),
        ({"name": "x", "custom:date": "01.01.1900"}, {"custom:date": "years"}),
        ({"name": "x", "custom:boolean": "как-то"}, {"custom:boolean": "yes_or_no"}),
        ({"name": "x", "custom:choice": "розница"}, {"custom:choice": "one_of"}),
    ],
)
def test_a_client_that_breaks_rules_is_refused_by_each(
    values: dict[str, Any], refusals: dict[str, str]
) -> None:
    assert client(**values) == (None, refusals)


def test_the_companys_own_fields_are_read_by_their_kinds() -> None:
    row, _ = client(
        name="x",
        **{
            "custom:text": "слово",
            "custom:number": "1 500,5",
            "custom:money": "10 ₽",
            "custom:date": "27.11.2026",
            "custom:boolean": "нет",
            "custom:choice": "ОПТ",
        },
    )
    assert row
    values = {key.int - 10: value for key, value in row.custom.items()}
    assert [str(values[0]), str(values[1]), str(values[3]), values[4], values[5]] == [
        "слово",
        "1500.5",
        "2026-11-27",
        False,
        str(UUID(int=99)),
    ]


def test_a_row_without_a_key_is_known_by_what_it_says() -> None:
    first, again, other = (client(name=name)[0] for name in ("Мак", "Мак", "Лютик"))
    assert first and again and other
    assert first.key == again.key == f"row:{first.fingerprint.hex()}"
    assert first.key != other.key


def test_an_activity_is_read_with_what_it_names() -> None:
    row, refusals = activity(
        external_id="С-1",
        client_external_id="К-1",
        source="САЙТ",
        product="Лицензия",
        quantity="2",
        price="1500",
        responsible="Анна",
    )
    assert row and not refusals
    assert (row.key, row.client_key, row.described) == ("id:С-1", "id:К-1", None)
    (product,) = row.products
    assert (product.quantity, product.price and str(product.price.amount)) == (2, "1500")
    assert (row.source_id, row.responsible_id) == (UUID(int=3), UUID(int=5))


@pytest.mark.parametrize(
    ("values", "refusals"),
    [
        ({"source": "сайт"}, {"name": "missing"}),
        ({"name": "x"}, {"source": "missing"}),
        ({"name": "x", "source": "архив"}, {"source": "archived"}),
        ({"name": "x", "source": "сайт", "responsible": "борис"}, {"responsible": "exists"}),
        (
            {"name": "x", "source": "сайт", "product": "лицензия", "quantity": "100001"},
            {"quantity": "range"},
        ),
    ],
)
def test_an_activity_that_breaks_rules_is_refused(
    values: dict[str, Any], refusals: dict[str, str]
) -> None:
    assert activity(**values) == (None, refusals)


def test_an_interaction_has_its_moment_in_the_companys_time() -> None:
    row, _ = interaction(activity_external_id="С-1", at="27.10.2026 09:30", kind="Письмо")
    assert row
    assert (row.at, row.kind) == (datetime(2026, 10, 27, 6, 30, tzinfo=UTC), "letter")
    assert interaction(at="27.10.2026")[1] == {"activity_external_id": "missing"}
    assert interaction(activity_external_id="С-1")[1] == {"at": "missing"}
    assert interaction(activity_external_id="С-1", at="1999-01-01")[1] == {"at": "years"}


CELL = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.sampled_from(["7707083893", "+79161234567", "27.11.2026", "сайт", "лицензия", "1,5", "да"]),
    st.just({"broken": "cell_error"}),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from([CLIENT, ACTIVITY, INTERACTION]))
def test_any_cells_make_a_row_or_are_refused_in_words(
    data: st.DataObject, fields: tuple[str, ...]
) -> None:
    cells = cells_of(fields, {name: data.draw(CELL) for name in fields})
    row: object
    if fields is CLIENT:
        row = client_row(cells, BY_CLIENTS)
    elif fields is ACTIVITY:
        row = activity_row(cells, BY_ACTIVITIES)
    else:
        row = interaction_row(cells, "Europe/Moscow")
    assert (row is None) == bool(cells.refusals)
    for refusal in cells.refusals:
        assert all(refusal.rule in texts.rules for texts in MESSAGES.values()), refusal.rule
