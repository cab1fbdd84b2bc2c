"""First, repeat, renewal: by all wins of a client, whatever the order in which they came."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.motivation.domain.sales import Buyer, SalesOrder, Win, first_of
from shared.ids import ActivityId, ClientId, CompanyId
from shared.vocabulary import Sale

COMPANY = CompanyId(UUID(int=10))
BUYER, OTHER = ((COMPANY, ClientId(UUID(int=number))) for number in (1, 2))
Change = tuple[ActivityId, Buyer, Win | None]


def id_of(number: int) -> ActivityId:
    return ActivityId(UUID(int=number))


def win(number: int, day: int = 1, *, renewal: bool = False) -> Win:
    return Win(id_of(number), date(2026, 11, day), renewal)


@pytest.mark.parametrize(
    ("wins", "first"),
    [
        ([], None),
        ([win(1)], 1),
        ([win(2, 1), win(1, 2)], 2),
        ([win(2), win(1)], 1),
        ([win(1, renewal=True), win(2)], 2),
        ([win(1, renewal=True)], None),
    ],
)
def test_the_earliest_win_that_is_no_renewal_is_the_first(
    wins: list[Win], first: int | None
) -> None:
    assert first_of(wins) == (id_of(first) if first else None)


def sales(order: SalesOrder, *numbers: int) -> list[Sale | None]:
    return [order.sale_of(id_of(number)) for number in numbers]


def test_an_earlier_win_becomes_the_first_and_names_the_one_that_was() -> None:
    order = SalesOrder()
    assert order.follow(id_of(2), BUYER, win(2, 5)) == []
    assert order.follow(id_of(1), BUYER, win(1, 3)) == [id_of(2)]
    assert order.follow(id_of(3), BUYER, win(3, 4)) == []
    assert sales(order, 1, 2, 3) == ["first", "repeat", "repeat"]


def test_the_next_becomes_the_first_where_it_is_taken_back() -> None:
    order = SalesOrder()
    for number in (1, 2, 3):
        order.add(BUYER, win(number, number))
    assert order.follow(id_of(1), BUYER, None) == [id_of(2)]
    assert sales(order, 1, 2, 3) == [None, "first", "repeat"]
    assert order.follow(id_of(1), BUYER, win(1, 9)) == []
    assert sales(order, 1, 2, 3) == ["repeat", "first", "repeat"]


def test_a_renewal_stays_one_and_makes_nothing_repeated() -> None:
    order = SalesOrder()
    assert order.follow(id_of(1), BUYER, win(1, 1, renewal=True)) == []
    assert order.follow(id_of(2), BUYER, win(2, 2)) == []
    assert sales(order, 1, 2) == ["renewal", "first"]


def test_a_win_that_moves_to_another_client_changes_both_orders() -> None:
    order = SalesOrder()
    order.add(BUYER, win(1, 1))
    order.add(BUYER, win(2, 2))
    order.add(OTHER, win(3, 3))
    assert order.follow(id_of(1), OTHER, win(1, 1)) == [id_of(2), id_of(3)]
    assert sales(order, 1, 2, 3) == ["first", "first", "repeat"]


def test_clients_of_one_company_and_companies_of_one_client_stand_apart() -> None:
    order = SalesOrder()
    order.add(BUYER, win(1))
    order.add(OTHER, win(2))
    order.add((CompanyId(UUID(int=11)), BUYER[1]), win(3))
    assert sales(order, 1, 2, 3) == ["first", "first", "first"]


CHANGES = st.lists(
    st.tuples(
        st.integers(1, 5), st.sampled_from([BUYER, OTHER]), st.none() | st.integers(1, 4)
    ).map(
        lambda drawn: (
            id_of(drawn[0]),
            drawn[1],
            win(drawn[0], drawn[2], renewal=drawn[0] == 5) if drawn[2] else None,
        )
    ),
    max_size=12,
)


@given(CHANGES)
def test_what_is_followed_agrees_with_all_wins_and_names_whoever_changes(
    changes: list[Change],
) -> None:
    order, wins = SalesOrder(), dict[ActivityId, tuple[Buyer, Win]]()
    for activity_id, buyer, changed_win in changes:
        before = {each: order.sale_of(each) for each in wins if each != activity_id}
        changed = order.follow(activity_id, buyer, changed_win)
        wins.pop(activity_id, None)
        if changed_win:
            wins[activity_id] = buyer, changed_win
        after = {each: order.sale_of(each) for each in before}
        assert changed == sorted(each for each in before if before[each] != after[each])
        for each, (its_buyer, own) in wins.items():
            first = first_of(other for of, other in wins.values() if of == its_buyer)
            sale = "first" if each == first else "repeat"
            assert order.sale_of(each) == ("renewal" if own.is_renewal else sale)


@given(CHANGES, st.data())
def test_later_wins_need_not_be_known(changes: list[Change], data: st.DataObject) -> None:
    """Of the wins that stay as they are, the earliest of each client is enough."""
    stay = [win(number, data.draw(st.integers(1, 4))) for number in range(6, 10)]
    whole, part = SalesOrder(), SalesOrder()
    for each in stay:
        whole.add(BUYER, each)
    part.add(BUYER, min(stay, key=lambda each: each.place))
    for activity_id, buyer, changed_win in changes:
        assert whole.follow(activity_id, buyer, changed_win) == part.follow(
            activity_id, buyer, changed_win
        )
        assert whole.sale_of(activity_id) == part.sale_of(activity_id)
