"""Refusals are in the language that `Accept-Language` asks for, whoever refuses."""

import pytest

from tests.e2e.office import Office

RUSSIAN = "ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7"


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        (RUSSIAN, "Уже взята", "Активность уже взял другой сотрудник."),
        ("en;q=0.5, ru;q=0.4", "Already taken", "Another seller took the activity first."),
        ("de", "Already taken", "Another seller took the activity first."),
    ],
)
async def test_a_service_refuses_in_the_language_of_the_request(
    office: Office, language: str, title: str, detail: str
) -> None:
    activity = await office.register(take=True)
    refusal = await office.boris.call(
        "POST", f"/activities/{activity['id']}/take", headers={"Accept-Language": language}
    )
    assert (refusal.status, refusal.body["code"]) == (409, "already_taken")
    assert (refusal.body["title"], refusal.body["detail"]) == (title, detail)
    assert refusal.headers["Content-Language"] == ("ru" if title == "Уже взята" else "en")


async def test_malformed_input_is_explained_in_russian(office: Office) -> None:
    order = office.order() | {"note": "x" * 4001, "products": []}
    refusal = await office.anna.call(
        "POST", "/activities", order, headers={"Accept-Language": RUSSIAN}
    )
    assert refusal.status == 422
    assert {error["field"]: error["message"] for error in refusal.body["errors"]} == {
        "note": "Символов не больше 4000",
        "products": "Элементов не меньше 1",
    }


async def test_a_repeated_command_keeps_the_language_of_its_first_response(office: Office) -> None:
    activity = await office.register(take=True)
    path, headers = f"/activities/{activity['id']}/take", {"Idempotency-Key": activity["id"]}
    first = await office.boris.call("POST", path, headers=headers | {"Accept-Language": RUSSIAN})
    second = await office.boris.call("POST", path, headers=headers | {"Accept-Language": "en"})
    assert first.body == second.body
    assert second.headers["idempotent-replayed"] == "true"


async def test_a_text_names_codes_in_words(office: Office) -> None:
    won = await office.win(office.anna)
    refusal = await office.boris.call(
        "POST", f"/activities/{won['id']}/take", headers={"Accept-Language": RUSSIAN}
    )
    assert refusal.body["detail"] == "Активность успешно обработана."
    assert refusal.body["activity_status"] == "won"
