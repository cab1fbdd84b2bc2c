"""How an activity begins."""

import pytest

from services.activities.domain.registering import (
    OfferedProduct,
    Request,
    Wanted,
    lines_of,
    register,
)
from services.activities.domain.room_settings import RoomSettings
from shared.errors import Invalid
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    ProductId,
    RoomId,
    SourceId,
    new_id,
)
from shared.money import LARGEST, Money
from shared.vocabulary import SourceKind
from tests.unit.activities.deals import ANNA, BORIS, NOW, NUMBERS, a_line, rub, types

COMPANY = CompanyId(new_id())
PRODUCT = ProductId(new_id())


def a_request(source_kind: SourceKind = "cold") -> Request:
    ids = ActivityId(new_id()), COMPANY, RoomId(new_id()), ClientId(new_id()), SourceId(new_id())
    return Request(*ids, source_kind, "RUB", (a_line(),), "хочет лицензию", ANNA)


def offered(**differently: object) -> dict[ProductId, OfferedProduct]:
    about = {
        "id": PRODUCT,
        "company_id": COMPANY,
        "category": "license",
        "price": rub(1000),
        "delivered": True,
        "term_months": 12,
    }
    return {PRODUCT: OfferedProduct(**{**about, "active": True, **differently})}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("holder", "taker", "responsible", "how"),
    [
        (None, None, None, None),
        (None, ANNA, ANNA, "registered"),
        (BORIS, None, BORIS, "vip_routed"),
        (BORIS, ANNA, BORIS, "vip_routed"),
        (ANNA, ANNA, ANNA, "vip_routed"),
    ],
)
def test_it_goes_to_the_vips_seller_else_to_who_takes_it_else_into_the_pool(
    holder: EmployeeId | None,
    taker: EmployeeId | None,
    responsible: EmployeeId | None,
    how: str | None,
) -> None:
    events = register(a_request(), False, holder, taker, NUMBERS, NOW)
    after = events[-1].after
    assert (after.responsible, after.how, after.status) == (
        responsible,
        how,
        "in_work" if responsible else "free",
    )
    assert types(events) == ["activity.registered", *(["activity.taken"] if responsible else [])]
    assert [each.after.version for each in events] == list(range(1, len(events) + 1)), (
        "versions start at 1 and have no holes"
    )
    assert (after.created_at, after.created_by, after.note) == (NOW, ANNA, "хочет лицензию")


@pytest.mark.parametrize(
    ("kind", "won_before", "sale"),
    [
        ("cold", False, "first"),
        ("cold", True, "repeat"),
        ("inbound", True, "repeat"),
        ("renewal", False, "renewal"),
        ("renewal", True, "renewal"),
    ],
)
def test_the_sale_is_first_repeat_or_renewal(kind: SourceKind, won_before: bool, sale: str) -> None:
    assert register(a_request(kind), won_before, None, None, NUMBERS, NOW)[0].after.sale == sale


def test_a_room_that_never_resets_sets_no_deadline() -> None:
    assert (
        register(a_request(), False, None, ANNA, RoomSettings(activity_reset_days=0), NOW)[
            -1
        ].after.reset_due_at
        is None
    )


def test_lines_keep_the_category_delivery_and_price_of_the_moment() -> None:
    (line,) = lines_of([Wanted(PRODUCT, 3, None)], offered(), COMPANY, "RUB")
    assert (line.category, line.delivered, line.term_months, line.amount) == (
        "license",
        True,
        12,
        rub(3000),
    )
    (agreed,) = lines_of([Wanted(PRODUCT, 2, rub("900.50"))], offered(), COMPANY, "RUB")
    assert agreed.amount == rub(1801)


@pytest.mark.parametrize(
    ("differently", "wanted", "field", "rule"),
    [
        (
            {"company_id": CompanyId(new_id())},
            Wanted(PRODUCT, 1, None),
            "products.0.product_id",
            "belongs_to_company",
        ),
        ({"active": False}, Wanted(PRODUCT, 1, None), "products.0.product_id", "active"),
        (
            {},
            Wanted(PRODUCT, 1, Money(amount="1.00", currency="USD")),
            "products.0.price.currency",
            "company_currency",
        ),
        ({}, Wanted(PRODUCT, 2, rub(LARGEST)), "products.0.quantity", "largest_amount"),
    ],
)
def test_a_line_that_cannot_be_sold_is_refused_by_field_and_rule(
    differently: dict[str, object], wanted: Wanted, field: str, rule: str
) -> None:
    with pytest.raises(Invalid) as refused:
        lines_of([wanted], offered(**differently), COMPANY, "RUB")
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == (field, rule)
