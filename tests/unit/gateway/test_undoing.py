"""An offer to undo crosses a redirect in a cookie, and nothing else does."""

from urllib.parse import urlencode

import pytest

from services.gateway.web.undoing import Undo

ID = "01a22115-9253-74d2-b85a-db53bb0617af"


@pytest.mark.parametrize(
    "undo",
    [
        Undo("lost", f"/activities/{ID}/reopen", {"back": '/board?step=late&x=;, "ё"'}),
        Undo("assigned", f"/activities/{ID}/assign", {"employee_id": ID, "back": "/room"}),
        Undo("taken_away", f"/activities/{ID}/assign", {"employee_id": ""}),
        Undo("set_aside", f"/money/came/{ID}/restore?state=unmatched&company=1"),
        Undo("view_removed", "/views", {"of": "/board?a=b", "name": "Мои", "room_id": ""}),
    ],
)
def test_what_is_offered_arrives_whole_and_fits_a_cookie(undo: Undo) -> None:
    cookie = undo.as_cookie()
    assert Undo.of_cookie(cookie) == undo
    assert cookie.isascii() and not set(cookie) & set(' ;,"\\')


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "lost",
        "done=lost",
        "command=/views&done=lost",
        urlencode({"done": "paid", "command": "/views"}),
        urlencode({"done": "lost", "command": "https://elsewhere.example/views"}),
        urlencode({"done": "lost", "command": "//elsewhere.example/views"}),
        urlencode({"done": "lost", "command": f"/activities/{ID}/lose"}),
        urlencode({"done": "lost", "command": "/me/sessions/end"}),
        urlencode({"done": "lost", "command": f"/activities/{ID}/reopen\n/x"}),
        "%ff%fe&&&=" * 50,
    ],
)
def test_what_a_page_did_not_offer_is_not_offered(cookie: str) -> None:
    assert Undo.of_cookie(cookie) is None
