"""Beginning an activity: whose it is, and what was agreed."""

from dataclasses import fields, replace

import pytest

from services.activities.domain.registering import (
    OfferedProduct,
    Registration,
    RequestedProduct,
    order_lines,
    register,
)
from services.activities.domain.room_options import RoomOptions
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
from tests.support.money import roubles
from tests.unit.activities.builders import ANNA, BORIS, NOW, SETTINGS, a_line, later, types

COMPANY = CompanyId(new_id())
PRODUCT = ProductId(new_id())


def a_request(source_kind: SourceKind = "cold") -> Registration:
    ids = ActivityId(new_id()), COMPANY, RoomId(new_id()), ClientId(new_id()), SourceId(new_id())
    return Registration(*ids, source_kind, "RUB", (a_line(),), "хочет лицензию", ANNA)


def offered(**differently: object) -> dict[ProductId, OfferedProduct]:
    about = {
        "id": PRODUCT,
        "company_id": COMPANY,
        "category": "license",
        "price": roubles(1000),
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
def test_it_goes_to_the_vip_holder_else_to_the_taker_else_to_the_pool(
    holder: EmployeeId | None,
    taker: EmployeeId | None,
    responsible: EmployeeId | None,
    how: str | None,
) -> None:
    events = register(a_request(), False, holder, taker, SETTINGS, NOW)
    after = events[-1].after
    assert (after.responsible_id, after.how, after.status) == (
        responsible,
        how,
        "in_work" if responsible else "free",
    )
    assert types(events) == ["activity.registered", *(["activity.taken"] if responsible else [])]
    assert [event.after.version for event in events] == list(range(1, len(events) + 1)), (
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
    assert register(a_request(kind), won_before, None, None, SETTINGS, NOW)[0].after.sale == sale


def test_a_room_that_never_resets_sets_no_deadline() -> None:
    assert (
        register(a_request(), False, None, ANNA, RoomSettings(activity_reset_days=0), NOW)[
            -1
        ].after.reset_due_at
        is None
    )


def test_order_lines_keep_category_delivery_and_price_of_the_moment() -> None:
    (line,) = order_lines([RequestedProduct(PRODUCT, 3, None)], offered(), COMPANY, "RUB")
    assert line.product_id == PRODUCT
    assert (line.category, line.delivered, line.term_months, line.amount) == (
        "license",
        True,
        12,
        roubles(3000),
    )
    (agreed,) = order_lines(
        [RequestedProduct(PRODUCT, 2, roubles("900.50"))], offered(), COMPANY, "RUB"
    )
    assert agreed.amount == roubles(1801)


@pytest.mark.parametrize(
    ("differently", "requested", "field", "rule", "parameters"),
    [
        (
            {"company_id": CompanyId(new_id())},
            RequestedProduct(PRODUCT, 1, None),
            "products.0.product_id",
            "belongs_to_company",
            {},
        ),
        (
            {"active": False},
            RequestedProduct(PRODUCT, 1, None),
            "products.0.product_id",
            "active",
            {},
        ),
        (
            {},
            RequestedProduct(PRODUCT, 1, Money(amount="1.00", currency="USD")),
            "products.0.price.currency",
            "company_currency",
            {"currency": "RUB"},
        ),
    ],
)
def test_an_unsaleable_line_is_refused_by_field_and_rule(
    differently: dict[str, object],
    requested: RequestedProduct,
    field: str,
    rule: str,
    parameters: dict[str, object],
) -> None:
    with pytest.raises(Invalid) as refused:
        order_lines([requested], offered(**differently), COMPANY, "RUB")
    (error,) = refused.value.extra["errors"]
    assert error == {"field": field, "rule": rule, **parameters}


def test_a_line_has_no_limit_of_a_single_amount() -> None:
    request = RequestedProduct(PRODUCT, 100_000, roubles(LARGEST))
    (line,) = order_lines([request], offered(), COMPANY, "RUB")
    assert line.amount.amount == 100_000 * LARGEST


def test_an_activity_is_what_was_registered() -> None:
    registration = a_request()
    (event,) = register(registration, False, None, None, SETTINGS, NOW)
    activity = event.after
    shared_fields = {field.name for field in fields(registration)} - {"by", "as_registered"}
    assert {name: getattr(activity, name) for name in shared_fields} == {
        name: getattr(registration, name) for name in shared_fields
    }
    assert (activity.created_by, activity.progress_at) == (registration.by, NOW)
    assert (event.details, event.note) == ({}, "хочет лицензию")


def test_what_was_typed_of_the_client_stays_with_the_timeline() -> None:
    typed = replace(a_request(), as_registered={"name": "Бета"})
    (event,) = register(typed, False, None, None, SETTINGS, NOW)
    assert event.text == {"as_registered": {"name": "Бета"}}
    (event,) = register(a_request(), False, None, None, SETTINGS, NOW)
    assert event.text == {}


def test_an_activity_is_to_be_touched_within_the_minutes_of_the_room() -> None:
    settings = replace(SETTINGS, options=RoomOptions(first_touch_minutes=15))
    (event,) = register(a_request(), False, None, None, settings, NOW)
    assert event.after.untouched_at == later(minutes=15)


@pytest.mark.parametrize(("holder", "taker"), [(BORIS, None), (None, ANNA)])
def test_who_is_responsible_at_once_has_the_usual_time(
    holder: EmployeeId | None, taker: EmployeeId | None
) -> None:
    after = register(a_request(), False, holder, taker, SETTINGS, NOW)[-1].after
    assert (after.responsible_since, after.reset_due_at) == (NOW, later(days=14))
