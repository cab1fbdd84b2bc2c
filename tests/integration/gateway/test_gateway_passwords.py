"""Passwords: chosen by their owners, good enough, and changed where it matters."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import asyncpg
import pytest
from argon2 import PasswordHasher

from deploy.environment import Installation
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import PASSWORD, Tenant, log_in
from tests.support.mailbox import Mailbox, open_mailbox
from tests.support.servers import free_ports
from tests.support.service_process import Service

ANOTHER_PASSWORD = "staple battery horse"


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("short battery", None),
        ("12345678901", "too_short"),
        ("password1234", "common_password"),
        ("qwertyuiop12", "common_password"),
        ("йцукенгшщзхъ", "common_password"),
        ("aaaaaaaaaaaaaaaa", "common_password"),
        ("khryukinskaya@example.com", "personal_password"),
        ("khryukinskaya1", "personal_password"),
        ("ｋｈｒｙｕｋｉｎｓｋａｙａ", "personal_password"),
    ],
)
async def test_a_password_that_is_guessed_first_is_refused(
    tenant: Tenant, password: str, rule: str | None
) -> None:
    body = {
        "name": "Maria Khryukinskaya",
        "email": "khryukinskaya@example.com",
        "password": password,
        "roles": ["seller"],
    }
    status, answer, _ = await tenant.call("POST", "/api/v1/employees", json=body)
    if rule is None:
        assert status == 201, answer
        return
    assert (status, answer["code"]) == (422, "invalid")
    assert [(error["field"], error["rule"]) for error in answer["errors"]] == [("password", rule)]


async def test_own_password_is_changed_with_the_old_one(tenant: Tenant) -> None:
    _, email = await tenant.hire()
    _, here = await log_in(tenant.session, tenant.url, email)
    _, elsewhere = await log_in(tenant.session, tenant.url, email)

    async def change(old: str, new: str) -> tuple[int, object]:
        body = {"old_password": old, "new_password": new}
        status, answer, _ = await tenant.call(
            "POST", "/api/v1/me/password", here["access_token"], json=body
        )
        return status, answer and [(error["field"], error["rule"]) for error in answer["errors"]]

    wrong = await change("not the password", ANOTHER_PASSWORD)
    assert wrong == (422, [("old_password", "wrong_password")])
    weak = await change(PASSWORD, "password1234")
    assert weak == (422, [("new_password", "common_password")])
    for _ in range(2):
        assert (await change(PASSWORD, ANOTHER_PASSWORD))[0] == 204
    for token, status in ((here["access_token"], 404), (elsewhere["access_token"], 401)):
        assert (await tenant.call("GET", "/api/v1/nothing", token))[0] == status
    assert (await log_in(tenant.session, tenant.url, email))[0] == 401
    assert (await log_in(tenant.session, tenant.url, email, ANOTHER_PASSWORD))[0] == 200


async def test_old_passwords_are_not_guessed_with_a_stolen_token(tenant: Tenant) -> None:
    _, token = await tenant.employee()
    body = {"old_password": "guessed", "new_password": ANOTHER_PASSWORD}
    answers = [
        (await tenant.call("POST", "/api/v1/me/password", token, json=body))[0] for _ in range(6)
    ]
    assert answers == [422] * 5 + [429]


async def test_an_admin_changes_their_own_password_only_with_the_old_one(tenant: Tenant) -> None:
    path = f"/api/v1/employees/{tenant.admin_id}"
    status, problem, _ = await tenant.call("PATCH", path, json={"password": ANOTHER_PASSWORD})
    assert (status, problem["code"]) == (403, "forbidden")
    assert (await log_in(tenant.session, tenant.url, tenant.email))[0] == 200


async def test_an_invitation_is_shown_where_no_mail_is_set_and_works_once(tenant: Tenant) -> None:
    employee_id, email = await tenant.hire(password=None)
    assert (await log_in(tenant.session, tenant.url, email))[0] == 401
    path = f"/api/v1/employees/{employee_id}/invitation"
    status, first, _ = await tenant.call("POST", path)
    assert (status, first["sent"]) == (201, False)
    _, invitation, _ = await tenant.call("POST", path)
    assert invitation["link"].endswith(f"/password#{invitation['token']}")
    assert await choose(tenant, first["token"], PASSWORD) == 401
    assert await choose(tenant, invitation["token"], "password1234") == 422
    assert await choose(tenant, invitation["token"], PASSWORD) == 204
    assert await choose(tenant, invitation["token"], ANOTHER_PASSWORD) == 401
    assert (await log_in(tenant.session, tenant.url, email))[0] == 200


async def test_concurrent_uses_of_a_link_have_one_winner(tenant: Tenant) -> None:
    employee_id, _ = await tenant.hire(password=None)
    _, invitation, _ = await tenant.call("POST", f"/api/v1/employees/{employee_id}/invitation")
    statuses = await asyncio.gather(
        *(choose(tenant, invitation["token"], f"{PASSWORD} {number}") for number in range(4))
    )
    assert sorted(statuses) == [204, 401, 401, 401]


async def test_only_admins_invite_and_only_who_works_there(tenant: Tenant) -> None:
    employee_id, token = await tenant.employee()
    path = f"/api/v1/employees/{employee_id}/invitation"
    assert (await tenant.call("POST", path, token))[0] == 403
    assert (await tenant.call("POST", f"/api/v1/employees/{uuid4()}/invitation"))[0] == 404
    _, invitation, _ = await tenant.call("POST", path)
    await tenant.call("PATCH", f"/api/v1/employees/{employee_id}", json={"active": False})
    assert (await tenant.call("POST", path))[0] == 404
    assert await choose(tenant, invitation["token"], ANOTHER_PASSWORD) == 401


async def test_an_old_hash_is_renewed_at_the_next_log_in(
    tenant: Tenant, provisioned: Installation
) -> None:
    employee_id, email = await tenant.hire()
    # As it was before: weaker, and of what was typed, where the number sign is one character.
    old = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash("отдел № 12 и 13")
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    try:
        await connection.execute(
            "UPDATE account SET password_hash = $1 WHERE employee_id = $2", old, employee_id
        )
        assert (await log_in(tenant.session, tenant.url, email, "отдел № 12 и 13"))[0] == 200
        renewed = await connection.fetchval(
            "SELECT password_hash FROM account WHERE employee_id = $1", employee_id
        )
    finally:
        await connection.close()
    assert "m=47104,t=1" in renewed
    for spelling in ("отдел № 12 и 13", "отдел No 12 и 13"):
        assert (await log_in(tenant.session, tenant.url, email, spelling))[0] == 200


@pytest.fixture(scope="module")
async def mailbox() -> AsyncIterator[Mailbox]:
    async with open_mailbox() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def mailing_gateway(
    provisioned: Installation,
    stub_server: StubServices,
    mailbox: Mailbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """A second gateway, which has a mail server."""
    process = Service.of(
        provisioned,
        "gateway",
        tmp_path_factory.mktemp("mailing"),
        port=free_ports(1)[0],
        SALES_ACTIVITIES_URL=stub_server.url("activities"),
        SALES_VIP_URL=stub_server.url("vip"),
        SALES_MOTIVATION_URL=stub_server.url("motivation"),
        SALES_PARTS="api",
        SALES_PUBLIC_URL="https://sales.example.com/",
        SALES_SMTP_HOST="127.0.0.1",
        SALES_SMTP_PORT=str(mailbox.port),
        SALES_SMTP_SECURITY="none",
        SALES_MAIL_FROM="Sales Launch <robot@sales.example.com>",
    ).start()
    yield process
    process.stop()


@pytest.fixture
def mailing(tenant: Tenant, mailing_gateway: Service) -> Tenant:
    """The tenant behind the gateway that mails."""
    return Tenant(**{**vars(tenant), "url": mailing_gateway.url})


async def test_who_is_hired_without_a_password_is_invited_by_mail(
    mailing: Tenant, mailbox: Mailbox
) -> None:
    employee_id, email = await mailing.hire(password=None)
    letter = await mailbox.next()
    assert (letter["To"], letter["From"]) == (email, "Sales Launch <robot@sales.example.com>")
    text = letter.get_content()
    assert mailing.short_name in text and "Иван" in text
    status, shown, _ = await mailing.call("POST", f"/api/v1/employees/{employee_id}/invitation")
    assert (status, shown["sent"], shown["link"], shown["token"]) == (201, True, None, None)
    token = token_in((await mailbox.next()).get_content())
    assert await choose(mailing, token_in(text), PASSWORD) == 401
    assert await choose(mailing, token, PASSWORD) == 204
    assert (await log_in(mailing.session, mailing.url, email))[0] == 200


async def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(
    mailing: Tenant, mailbox: Mailbox
) -> None:
    _, email = await mailing.hire()
    _, pair = await log_in(mailing.session, mailing.url, email)
    assert await ask_for_reset(mailing, f"{uuid4().hex}@example.com") == (204, "")
    assert await ask_for_reset(mailing, email, language="ru") == (204, "")
    letter = await mailbox.next()
    assert letter["To"] == email and letter["Subject"].startswith("Новый пароль")
    assert await choose(mailing, token_in(letter.get_content()), ANOTHER_PASSWORD) == 204
    assert (await mailing.call("GET", "/api/v1/me", pair["access_token"]))[0] == 401
    assert (await log_in(mailing.session, mailing.url, email))[0] == 401
    assert (await log_in(mailing.session, mailing.url, email, ANOTHER_PASSWORD))[0] == 200
    assert mailbox.is_empty


async def test_a_link_to_an_old_mailbox_is_void(mailing: Tenant, mailbox: Mailbox) -> None:
    employee_id, email = await mailing.hire()
    await ask_for_reset(mailing, email)
    letter = await mailbox.next()
    moved = {"email": f"{uuid4().hex}@example.com"}
    assert (await mailing.call("PATCH", f"/api/v1/employees/{employee_id}", json=moved))[0] == 200
    assert await choose(mailing, token_in(letter.get_content()), ANOTHER_PASSWORD) == 401


async def test_the_page_of_a_link_needs_no_caller(tenant: Tenant) -> None:
    async with tenant.session.get(
        f"{tenant.url}/password", headers={"accept-language": "ru"}
    ) as response:
        assert response.status == 200
        assert "Задайте пароль" in await response.text()
        assert response.headers["Referrer-Policy"] == "no-referrer"


async def choose(tenant: Tenant, token: str, password: str) -> int:
    body = {"token": token, "password": password}
    return (await tenant.call("POST", "/api/v1/auth/password", json=body))[0]


async def ask_for_reset(tenant: Tenant, email: str, language: str = "en") -> tuple[int, str]:
    status, body, _ = await tenant.call(
        "POST",
        "/api/v1/auth/password-reset",
        json={"username": email},
        headers={"accept-language": language},
    )
    return status, body


def token_in(text: str) -> str:
    """The token of the link in a letter."""
    (link,) = (line for line in text.splitlines() if line.startswith("https://sales.example.com"))
    assert link.startswith("https://sales.example.com/password#")
    token = link.partition("#")[2]
    assert UUID(hex=token.partition(".")[0])
    return token
