"""An admin sees what a seller holds, says who goes on with it, and dismisses."""

from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.support.wait import eventually
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow


@pytest.mark.timeout(180)
@pytest.mark.parametrize("view", [DESKTOP, PHONE])
async def test_a_leavers_work_is_shown_then_handed_over_as_they_are_dismissed(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    leaver_id = await _hire(office)
    activity = await office.register()
    await office.head.do(f"/activities/{activity['id']}/assign", {"employee_id": leaver_id})
    path = f"/directory/employees/{leaver_id}"
    window = await open_window(office.admin, view, at=path)
    await window.press('a[href$="/dismissal"]')
    page = window.page
    await expect(page.locator("[name=dismiss]")).to_have_count(0)
    await page.locator("select[name^=to-]").first.select_option(str(office.anna.id))
    await window.press("form:has(select[name^=to-]) button")
    await expect(page.locator("#main [role=status]")).to_contain_text("1 активность")
    await expect(page.locator("#main [role=status]")).to_contain_text(office.anna.name)
    await window.inspect()
    assert (await office.admin.see(f"/employees/{leaver_id}"))["active"]
    await window.press("[name=dismiss]")
    await expect(page.locator("[name=dismiss]")).to_have_count(0)
    assert not (await office.admin.see(f"/employees/{leaver_id}"))["active"]

    async def handed_over() -> bool:
        seen = await office.admin.see(f"/activities/{activity['id']}")
        return bool(seen["responsible_id"] == str(office.anna.id))

    await eventually(handed_over)


async def _hire(office: Office) -> str:
    """A seller of the room `front`."""
    email = f"{uuid4().hex}@mail.example"
    new = {"name": "Глеб Уходящий", "email": email, "roles": ["seller"]}
    made = await office.admin.do("/employees", {**new, "room_ids": [office.rooms["front"]]})
    return str(made["id"])
