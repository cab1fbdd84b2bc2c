"""The journal as a file, from its page."""

from tests.e2e.office import Office
from tests.web.pages_client import PagesClient


async def test_the_journal_is_saved_as_a_file(pages: PagesClient, office: Office) -> None:
    answer = await pages.ask("GET", "/audit/export", office.admin)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert answer.text.splitlines()[0].lstrip("\ufeff").startswith("id;")
    outsider = await pages.ask("GET", "/audit/export", office.anna)
    assert outsider.status == 403


async def test_the_journal_says_in_words_what_was_done(pages: PagesClient, office: Office) -> None:
    body = {"name": "Журнальная", "company_ids": list(office.companies.values())}
    await office.admin.do("/rooms", body)
    answer = await pages.ask("GET", "/audit", office.admin)
    assert "Комната добавлена" in answer.text
    assert ">create_room<" not in answer.text
    english = await pages.ask("GET", "/audit", office.admin, headers={"Accept-Language": "en"})
    assert "Added a room" in english.text
