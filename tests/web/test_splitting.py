"""A seller proposes to share the pay of a sale, and the colleague agrees on their own page."""

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow


@pytest.mark.timeout(180)
@pytest.mark.parametrize("view", [DESKTOP, PHONE])
async def test_pay_is_shared_once_the_colleague_agrees(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    activity = await office.register()
    path = f"/activities/{activity['id']}"
    await office.anna.do(f"{path}/take", {})
    hers = await open_window(office.anna, view, at=f"{path}?open=split")
    for seller, share in ((office.anna, "70"), (office.boris, "30")):
        await hers.page.locator(f"#split [name=share_{seller.id}]").fill(share)
    await hers.press("#split button")
    proposed = hers.page.locator("section[aria-labelledby=proposed]")
    await expect(proposed).to_contain_text("30")
    await hers.inspect()
    assert len((await office.anna.see(path))["shares"]) == 1
    his = await open_window(office.boris, view, at=path)
    await his.inspect()
    await his.press("section[aria-labelledby=proposed] .btn-primary")
    await expect(his.page.locator("section[aria-labelledby=proposed]")).to_have_count(0)
    shares = (await office.anna.see(path))["shares"]
    agreed = {part["employee_id"]: part["share"] for part in shares}
    assert agreed == {office.anna.id: "0.7000", office.boris.id: "0.3000"}
