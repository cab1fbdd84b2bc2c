"""Bootstrap goes out less what no page uses: what they use now is in it."""

from deploy import styles
from services.gateway.web.assets import assets


def test_the_styles_that_go_out_are_those_that_pages_use_now() -> None:
    first_line, _, _ = styles.USED.read_text().partition("\n")
    assert f"{first_line}\n" == styles.head_line(), "run `make styles`"


def test_pages_get_the_styles_and_the_licence_that_goes_with_them() -> None:
    sent = assets()["page.css"].content.decode()
    assert styles.USED.read_text() in sent
    assert "Licensed under MIT" in sent
