"""An admin makes a room that sells out of an empty tenant, by its pages alone: what is missing says
so, a seller comes by the link, a table with bad rows is taken up, a key is seen once, and all of it
stands in the journal.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.e2e.conftest import Product
from tests.support.client import ApiClient, User
from tests.support.tenant import PASSWORD
from tests.support.wait import eventually
from tests.support.workbooks import workbook
from tests.web.support.hands import Hands, hands_of
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow, Window

GOOD, BAD = 3, 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JOB = 20_000
"""Milliseconds that a job may take on a busy machine."""


@dataclass
class Setup:
    """The admin's hands on the pages of the directory."""

    window: Window
    hands: Hands

    @property
    def page(self) -> Page:
        return self.window.page

    async def follow_what_is_missing(self, missing: str) -> Locator:
        """From the overview to the form of what it names next."""
        await self.page.goto("/directory")
        await self.hands.press(self.page.locator("#main .problem .btn-primary"))
        await expect(self.page.locator("h2#add")).to_have_text(missing)
        return self.page.locator("aside form")

    async def add(self, form: Locator, **fields: str) -> None:
        """Fills in a form of the directory and sends it; a list of choices gets all its boxes."""
        for name, value in fields.items():
            field = form.locator(f"[name={name}]").first
            if await field.evaluate("element => element.tagName") == "SELECT":
                await self.hands.choose(field, value)
            elif await field.get_attribute("type") == "checkbox":
                await self.hands.press(form.locator(f"[name={name}][value='{value}']"))
            else:
                await self.hands.fill(field, value)
        await self.hands.press(form.locator("button.btn-primary"))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=["mouse", "touch"])
async def test_an_admin_makes_a_room_that_sells_out_of_an_empty_tenant(
    open_window: OpenWindow, gateway: ApiClient, product: Product, view: View
) -> None:
    admin = await _empty_tenant(gateway, product.operator_key)
    window = await open_window(view=view)
    await window.sign_in(admin)
    setup = Setup(window, hands_of(window))
    ids = await _set_up(setup, admin)
    seller = await _invite(setup, await open_window(view=view), ids["rooms"])
    await _import(setup)
    await _make_and_revoke_a_key(setup, gateway)
    await _sells(seller, ids)
    await _all_stands_in_the_journal(setup)


async def _empty_tenant(gateway: ApiClient, operator_key: str) -> User:
    email = f"admin@{uuid4().hex[:12]}.example"
    admin = {"name": "Ада Админ", "email": email, "password": PASSWORD}
    body = {"name": "Холдинг", "time_zone": "Europe/Moscow", "currency": "RUB", "admin": admin}
    await gateway.send("POST", "/tenants", operator_key, body)
    return await gateway.log_in(email, PASSWORD)


async def _set_up(setup: Setup, admin: User) -> dict[str, str]:
    """A company, its room, product and source, each as the overview asks for it; the first id of
    each noun.
    """
    ids: dict[str, str] = {}

    async def made(noun: str, name: str) -> str:
        await expect(setup.page.locator("tbody th").first).to_contain_text(name)
        return str((await admin.see(f"/{noun}"))["items"][0]["id"])

    form = await setup.follow_what_is_missing("Добавить компанию")
    await setup.add(form, name="ООО Степь", inn="7707083893", time_zone="Europe/Moscow")
    ids["companies"] = await made("companies", "ООО Степь")
    form = await setup.follow_what_is_missing("Добавить комнату")
    await setup.add(form, name="Продажи", company_ids=ids["companies"])
    ids["rooms"] = await made("rooms", "Продажи")
    form = await setup.follow_what_is_missing("Добавить продукт")
    await setup.add(
        form, company_id=ids["companies"], name="Аудит", category="Услуги", price="1500,50"
    )
    ids["products"] = await made("products", "Аудит")
    form = await setup.follow_what_is_missing("Добавить источник")
    await setup.add(form, name="Обзвон", channel="Телефон", kind="cold")
    ids["sources"] = await made("sources", "Обзвон")
    await setup.window.inspect()
    return ids


async def _invite(setup: Setup, window: Window, room_id: str) -> Window:
    """The seller's window: signed in by the password that the invitation's link let them choose."""
    email = f"{uuid4().hex}@mail.example"
    await setup.page.goto("/directory/employees")
    form = setup.page.locator("aside form")
    await setup.add(form, name="Сёмина Софья", email=email, roles="seller", room_ids=room_id)
    link = await setup.page.locator("[role=status] code").inner_text()
    await setup.window.inspect()
    page = window.page
    await page.goto("/password" + link.partition("/password")[2])
    for name in ("password", "again"):
        await page.locator(f"[name={name}]").fill(PASSWORD)
    await window.press("#choose button")
    await window.press(page.get_by_role("link", name="Войти"))
    await page.wait_for_url("**/sign-in")
    await window.sign_in(User(None, "", "", "", email, PASSWORD))  # type: ignore[arg-type]
    await expect(page.locator("#summary")).to_be_visible()
    return window


async def _import(setup: Setup) -> None:
    """Clients of a workbook: the dry run names the bad rows, the run leaves them out, the file with
    them can be had.
    """
    page, window = setup.page, setup.window
    await page.goto("/jobs")
    rows: list[list[Any]] = [["Название", "ИНН"]]
    rows += [[f"Клиент {place}", ""] for place in range(GOOD)]
    rows += [[f"Плохой {place}", "123"] for place in range(BAD)]
    file: FilePayload = {"name": "клиенты.xlsx", "mimeType": XLSX, "buffer": workbook(rows)}
    await page.locator("#file").set_input_files(file)
    await window.press("aside form button")
    await window.press(page.locator("button[value=check]"))
    checked = page.locator("section[aria-labelledby=checked]")
    await expect(checked).to_contain_text(f"Отказано{BAD}", timeout=JOB)
    await window.inspect()
    await window.press(page.locator("button[value=run]"))
    imported = page.locator("section[aria-labelledby=imported]")
    await expect(imported).to_contain_text(f"Добавлены{GOOD}", timeout=JOB)
    await expect(imported).to_contain_text(f"Отказано{BAD}")
    async with page.expect_download() as downloading:
        await window.press(page.locator("a[href$='/refused']"))
    assert (await (await downloading.value).path()).read_bytes().startswith(b"PK")
    await page.goto("/clients")
    await expect(page.locator("#main")).to_contain_text("Клиент 0")
    await expect(page.locator("#main")).not_to_contain_text("Плохой")


async def _make_and_revoke_a_key(setup: Setup, gateway: ApiClient) -> None:
    page = setup.page
    await page.goto("/directory/api-keys")
    form = page.locator("aside form")
    await setup.add(form, name="Зарплата", scopes="payroll", expires_in_days="30")
    shown = page.locator("[role=status] code")
    secret = await shown.inner_text()
    assert (await gateway.call("GET", "/companies", secret)).status == 200
    await page.reload()
    await expect(page.locator("tbody th")).to_have_text("Зарплата")
    await expect(page.locator("body")).not_to_contain_text(secret)
    await setup.hands.press(page.locator("tbody form button"))
    await expect(page.locator("tbody th")).to_have_count(0)

    async def refused() -> bool:
        return (await gateway.call("GET", "/companies", secret)).status == 401

    await eventually(refused)


async def _sells(window: Window, ids: dict[str, str]) -> None:
    """The room sells: its seller adds an activity of the product and has it."""
    page = window.page
    await page.goto("/activities/new")
    await page.locator("[name=who]").fill("+7 495 123-45-67")
    await page.locator("[name=name]").fill("Первый клиент")
    await page.locator("[name=source_id]").select_option(ids["sources"])
    await page.locator("#product-1").select_option(ids["products"])
    await window.press(".foot button >> nth=0")
    await expect(page.locator("h1")).to_have_text("Первый клиент")
    await expect(page.locator("#sub")).to_contain_text("В работе")


async def _all_stands_in_the_journal(setup: Setup) -> None:
    await setup.page.goto("/audit")
    rows = setup.page.locator("tbody tr")
    for deed in (
        "Компания добавлена",
        "Комната добавлена",
        "Сотрудник добавлен",
        "Таблица загружена для импорта",
        "Создан ключ API",
        "Ключ API отозван",
    ):
        row = rows.filter(has_text=deed).first
        await expect(row).to_contain_text("Ада Админ")
    await setup.window.inspect()
