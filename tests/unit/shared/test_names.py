"""Which names a view mentions by id."""

from shared.names import NOUNS, mentioned_ids


def test_ids_are_found_by_their_fields_however_deep() -> None:
    activity = {
        "id": "a",
        "company_id": "c",
        "room_id": "r",
        "client": {"id": "k", "name": "Ромашка"},
        "products": [{"product_id": "p"}, {"product_id": "q"}],
        "shares": [{"employee_id": "e", "share": "1.0000"}],
        "responsible_id": None,
        "created_by": "f",
        "source_id": "s",
    }
    assert mentioned_ids({"mine": {"new": [activity]}, "as_of": "c"}) == {
        "companies": {"c"},
        "rooms": {"r"},
        "employees": {"e", "f"},
        "sources": {"s"},
        "products": {"p", "q"},
    }


def test_a_view_without_ids_mentions_nothing() -> None:
    assert mentioned_ids({"items": [], "next_cursor": None}) == {noun: set() for noun in NOUNS}
