"""What columns are taken for, and the states of an import."""

import pytest

from services.activities.domain.imports import (
    FIELDS,
    ImportKind,
    ImportState,
    column_keys,
    columns_of,
    header_key,
    propose,
    require_discardable,
    require_mapping,
    require_runnable,
    state_of,
    title_key,
)
from services.activities.domain.refusals import (
    ImportBusy,
    ImportExpired,
    ImportHasRun,
    ImportNotRead,
)
from shared.errors import Invalid, Refusal


def missing(column: str) -> dict[str, object]:
    return {"field": "columns", "rule": "column_missing", "column": column}


SEGMENT = "custom:019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a31"


@pytest.mark.parametrize(
    ("title", "key"),
    [("Эл. почта", "элпочта"), ("  ИНН ", "инн"), ("Счёт", "счет"), ("E-mail 2", "email2")],
)
def test_a_title_is_compared_without_case_and_signs(title: str, key: str) -> None:
    assert title_key(title) == key


def test_columns_of_the_same_title_are_told_apart() -> None:
    assert column_keys(["Телефон", "Имя", "телефон", "", "", "ТЕЛЕФОН"]) == [
        "телефон",
        "имя",
        "телефон#1",
        "#0",
        "#1",
        "телефон#2",
    ]


def test_the_order_of_columns_makes_no_other_table() -> None:
    assert header_key("clients", ["ИНН", "Имя"]) == header_key("clients", ["имя", "инн"])
    assert header_key("clients", ["ИНН"]) != header_key("activities", ["ИНН"])
    assert header_key("clients", ["ИНН"]) != header_key("clients", ["ИНН", "ИНН"])


def test_columns_are_taken_for_what_their_titles_say() -> None:
    titles = ["Код", "Наименование", "ИНН", "Телефон", "Моб. тел.", "E-mail", "Сегмент", "Прочее"]
    assert propose("clients", titles, {SEGMENT: "Сегмент"}, {}) == {
        0: "external_id",
        1: "name",
        2: "inn",
        3: "phones",
        4: "phones",
        5: "emails",
        6: SEGMENT,
    }


def test_a_field_of_one_column_is_proposed_once() -> None:
    assert propose("clients", ["Название", "Наименование", "Имя"], {}, {}) == {0: "name"}


def test_what_was_said_of_such_a_table_goes_before_its_titles() -> None:
    titles = ["Название", "ИНН", "Телефон"]
    remembered = {"название": "external_id", "телефон": "name", "инн": "gone"}
    assert propose("clients", titles, {}, remembered) == {0: "external_id", 2: "name"}
    assert propose("clients", titles, {}, {"инн": SEGMENT}) == {}


def test_interactions_have_no_fields_of_the_companys_own() -> None:
    assert propose("interactions", ["Сегмент"], {SEGMENT: "Сегмент"}, {}) == {}
    with pytest.raises(Invalid):
        require_mapping(
            "interactions", 3, {0: "activity_external_id", 1: "at", 2: SEGMENT}, [SEGMENT]
        )


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("clients", {0: "name"}, None),
        ("clients", {0: "name", 1: "phones", 2: "phones"}, None),
        ("clients", {0: "name", 1: SEGMENT}, None),
        ("clients", {1: "inn"}, missing("name")),
        ("clients", {3: "name"}, {"field": "columns.3", "rule": "at_most", "max": 2}),
        ("clients", {0: "name", 2: "name"}, {"field": "columns.2.field", "rule": "distinct"}),
        (
            "clients",
            {0: "name", 1: SEGMENT, 2: SEGMENT},
            {"field": "columns.2.field", "rule": "distinct"},
        ),
        ("activities", {0: "client_external_id"}, None),
        ("activities", {0: "inn"}, None),
        ("activities", {0: "name"}, None),
        ("activities", {0: "note"}, missing("name")),
        ("interactions", {0: "activity_external_id", 1: "at"}, None),
        ("interactions", {0: "at"}, missing("activity_external_id")),
        ("interactions", {0: "activity_external_id"}, missing("at")),
    ],
)
def test_a_mapping_fills_what_is_needed_and_each_field_once(
    kind: ImportKind, fields: dict[int, str], error: dict[str, object] | None
) -> None:
    if error is None:
        require_mapping(kind, 3, fields, [SEGMENT])
        return
    with pytest.raises(Invalid) as refused:
        require_mapping(kind, 3, fields, [SEGMENT])
    assert refused.value.extra["errors"] == [error]


def test_a_field_that_is_not_of_the_kind_is_refused_with_those_that_are() -> None:
    with pytest.raises(Invalid) as refused:
        require_mapping("clients", 1, {0: "price"}, [SEGMENT])
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == ("columns.0.field", "one_of")
    assert error["allowed"] == [*(each.name for each in FIELDS["clients"]), SEGMENT]


def test_the_columns_of_a_field_are_in_their_order() -> None:
    assert columns_of({4: "phones", 1: "phones", 2: "name"}, "phones") == [1, 4]
    assert columns_of({}, "phones") == []


@pytest.mark.parametrize(
    ("about", "state"),
    [
        ({}, "unreadable"),
        ({"is_read": True}, "ready"),
        ({"is_read": True, "open_job": "check_import"}, "checking"),
        ({"is_read": True, "open_job": "run_import"}, "running"),
        ({"is_read": True, "is_done": True}, "done"),
        ({"is_read": True, "is_done": True, "open_job": "run_import"}, "running"),
        ({"open_job": "read_import"}, "reading"),
        ({"has_rows": False}, "expired"),
        ({"has_rows": False, "is_done": True, "is_read": True}, "done"),
        ({"error": "x", "has_rows": False}, "unreadable"),
    ],
)
def test_the_state_of_an_import_follows_from_what_happened(
    about: dict[str, object], state: ImportState
) -> None:
    usual: dict[str, object] = {
        "error": None, "is_read": False, "has_rows": True, "open_job": None, "is_done": False
    }  # fmt: skip
    assert state_of(**{**usual, **about}) == state  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ("checking", ImportBusy),
        ("running", ImportBusy),
        ("expired", ImportExpired),
        ("reading", ImportNotRead),
        ("unreadable", ImportNotRead),
    ],
)
def test_only_what_was_read_and_rests_is_run(state: ImportState, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        require_runnable(state, has_rows=state != "expired")
    assert refused.value.extra in ({"import_state": state}, {})


@pytest.mark.parametrize("state", ["ready", "done"])
def test_what_is_ready_or_done_is_run(state: ImportState) -> None:
    require_runnable(state, has_rows=True)


def test_what_was_done_and_is_no_longer_kept_is_not_run_again() -> None:
    with pytest.raises(ImportExpired):
        require_runnable("done", has_rows=False)


def test_columns_of_contact_persons_are_taken_for_them() -> None:
    titles = [
        "Название", "Телефон", "Контактное лицо", "Должность", "Телефон контактного лица",
        "E-mail контактного лица", "Код контакта",
    ]  # fmt: skip
    assert propose("clients", titles, {}, {}) == {
        0: "name",
        1: "phones",
        2: "person_name",
        3: "person_position",
        4: "person_phones",
        5: "person_emails",
        6: "person_external_id",
    }
    assert propose("activities", ["Контактное лицо"], {}, {}) == {}


def test_a_persons_columns_need_its_name() -> None:
    with pytest.raises(Invalid) as refused:
        require_mapping("clients", 3, {0: "name", 1: "person_phones"}, [])
    assert refused.value.extra["errors"] == [missing("person_name")]
    require_mapping("clients", 3, {0: "name", 1: "person_phones", 2: "person_name"}, [])


@pytest.mark.parametrize("state", ["reading", "checking", "running"])
def test_an_import_with_a_job_that_goes_on_is_not_discarded(state: ImportState) -> None:
    with pytest.raises(ImportBusy):
        require_discardable(state, has_run=False)


@pytest.mark.parametrize("state", ["ready", "unreadable", "expired", "done"])
def test_only_an_import_that_never_ran_is_discarded(state: ImportState) -> None:
    require_discardable(state, has_run=False)
    with pytest.raises(ImportHasRun):
        require_discardable(state, has_run=True)
