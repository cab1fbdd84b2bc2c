"""Pages of jobs merged from several services."""

from uuid import UUID

from services.gateway.api.jobs import merge
from shared.paging import read_cursor

IDS = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(6)]


def page(*numbers: int, more: bool = False) -> dict[str, object]:
    items = [{"id": IDS[number]} for number in numbers]
    return {"items": items, "next_cursor": "x" if more else None}


def test_a_merged_page_ends_where_the_next_begins() -> None:
    merged = merge([page(5, 2), page(4, 3, 1)], limit=3)
    assert [job["id"] for job in merged["items"]] == [IDS[5], IDS[4], IDS[3]]
    assert read_cursor(merged["next_cursor"], UUID) == [UUID(IDS[3])]


def test_the_last_merged_page_has_no_cursor() -> None:
    assert merge([page(2), page(1)], limit=2)["next_cursor"] is None
    assert merge([page(), page()], limit=2) == {"items": [], "next_cursor": None}


def test_a_full_page_of_one_service_has_a_cursor() -> None:
    assert merge([page(2, 1, more=True), page()], limit=2)["next_cursor"]
