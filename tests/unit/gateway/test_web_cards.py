"""Cards: the page is split into its fragments, each rendered once, everything typed escaped."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from services.gateway.web.cards import (
    Cards,
    amount_in,
    matches,
    split_items,
    split_page,
    split_stages,
)
from services.gateway.web.directory import Directory

NAMES = Directory(
    version=1,
    companies={"c": {"name": "Лес", "time_zone": "Europe/Moscow"}},
    sources={"s": "Реклама"},
    products={"p": "CRM"},
    employees={"e": "Кузнецов Дмитрий"},
)


def activity(**fields: Any) -> dict[str, Any]:
    return {
        "id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a21",
        "version": 3,
        "company_id": "c",
        "client": {"id": "x", "name": "ООО «Лес»", "large": False, "do_not_call": False},
        "source_id": "s",
        "products": [{"product_id": "p", "quantity": 2, "delivered": True}],
        "status": "free",
        "stage": "new",
        "responsible_id": None,
        "responsible_since": None,
        "created_at": "2026-11-23T10:40:00Z",
        "agreed": {"amount": "96000.50", "currency": "RUB"},
        "next_step": None,
        "reset_due_at": None,
        "lost_reason": None,
        "checklist": {
            "invoiced": True,
            "paid": True,
            "shipped": False,
            "documents_signed": False,
            "fully_paid": False,
            "overdue": [],
        },
        **fields,
    }


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_page_is_split_into_the_bytes_of_its_activities(count: int) -> None:
    items = [orjson.dumps(activity(id=f"{number}")) for number in range(count)]
    body = b'{"items":[' + b",".join(items) + b'],"next_cursor":"abc"}'
    assert split_page(body) == (items, "abc")


def test_a_page_rendered_otherwise_is_split_all_the_same() -> None:
    body = b'{ "next_cursor": null, "items": [ {"id": "1"} ] }'
    assert split_page(body) == ([b'{"id":"1"}'], None)


def test_typed_text_that_looks_like_an_activity_splits_nothing() -> None:
    items = [orjson.dumps(activity(note='},{"id":"x"],"next_cursor":'))] * 2
    assert split_items(b",".join(items)) == items


def desk(**mine: list[bytes]) -> bytes:
    stages = b",".join(
        b'"%s":[%s]' % (name.encode(), b",".join(items)) for name, items in mine.items()
    )
    return b'{"mine":{%s},"overdue_steps":[],"mine_count":2}' % stages


def test_a_desk_is_split_into_the_bytes_of_each_stage() -> None:
    note = 'typed ]}}]} and ]}}],"paid":[ too'
    first, second = (orjson.dumps(activity(id=f"{n}", note=note)) for n in range(2))
    mine = {"new": [first, second], "in_work": [], "paid": [second]}
    assert split_stages(desk(**mine)) == mine
    assert split_stages(desk(new=[first])) == {"new": [first]}
    assert split_stages(desk()) == {}


def test_a_desk_rendered_otherwise_is_split_all_the_same() -> None:
    body = b'{ "mine": {"new": [ {"id": "1"} ] }, "mine_count": 1 }'
    assert split_stages(body) == {"new": [b'{"id":"1"}']}


def test_an_address_filters_by_company_source_and_step() -> None:
    plain = orjson.dumps(activity())
    assert matches(plain, {}) and matches(plain, {"company": "c", "source": "s", "step": "none"})
    assert not matches(plain, {"company": "d"}) and not matches(plain, {"source": "d"})
    assert not matches(plain, {"step": "late"})
    overdue = [{"what": "next_step", "since": "2026-11-24T09:00:00Z"}]
    step = {"what": "Позвонить", "due_at": "2026-11-24T09:00:00Z"}
    checklist = {**activity()["checklist"], "overdue": overdue}
    late = orjson.dumps(activity(checklist=checklist, next_step=step))
    assert matches(late, {"step": "late"}) and not matches(late, {"step": "none"})


def test_the_sum_of_an_activity_is_read_without_the_rest() -> None:
    assert amount_in(orjson.dumps(activity())) == Decimal("96000.50")
    assert amount_in(b"{}") == 0


@pytest.mark.parametrize("kind", ["pool_row", "deal", "deal_row", "step"])
def test_what_was_typed_stays_text_in_a_card(kind: str) -> None:
    client = {"id": "x", "name": "<script>alert(1)</script>", "large": True, "do_not_call": True}
    step = {"what": "<img src=x onerror=alert(1)>", "due_at": "2026-11-24T09:00:00Z"}
    fragment = orjson.dumps(activity(client=client, next_step=step))
    html = Cards().render(kind, fragment, "ru", NAMES)
    assert "<script" not in html and "<img" not in html and "&lt;" in html


def test_a_card_is_rendered_again_only_when_its_bytes_or_a_name_changed() -> None:
    cards, fragment = Cards(), orjson.dumps(activity())
    first = cards.render("deal", fragment, "ru", NAMES)
    assert cards.render("deal", fragment, "ru", NAMES) is first
    assert cards.render("deal", fragment, "en", NAMES) is not first
    assert cards.render("deal", fragment, "ru", Directory(version=2)) is not first


def test_cards_that_are_used_outlive_those_that_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    used, *others = [orjson.dumps(activity(id=f"{number}")) for number in range(20)]
    cards = Cards()
    kept, dropped = (cards.render("deal", each, "ru", NAMES) for each in (used, others[0]))
    monkeypatch.setattr("services.gateway.web.cards.CAPACITY", 8 * (len(used) + len(kept)))
    for each in others[1:]:
        cards.render("deal", each, "ru", NAMES)
        assert cards.render("deal", used, "ru", NAMES) is kept
    assert cards.render("deal", others[0], "ru", NAMES) is not dropped


def test_a_row_says_who_took_the_activity() -> None:
    taken = activity(status="in_work", responsible_id="e", responsible_since="2026-11-23T11:31:00Z")
    html = Cards().render("pool_row", orjson.dumps(taken), "ru", NAMES)
    assert "Взял Кузнецов Д., 14:31" in html and "<button" not in html


def test_a_name_that_is_not_known_yet_does_not_hide_the_card() -> None:
    assert "…" in Cards().render("pool_row", orjson.dumps(activity()), "ru", Directory())
