"""A plan's rules as JSON, in the form in which the API takes and shows them.

What a rule does not use is not written, so that rules of older plans read as before.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.motivation.domain.deal import SellerShare
from services.motivation.domain.rules import (
    Attainment,
    Cap,
    Draw,
    Fixed,
    Floor,
    Limits,
    PercentOfReceipts,
    Pool,
    Rule,
    Terms,
    Tier,
    Tiered,
)
from services.motivation.domain.rules.monthly import ROOM
from shared.ids import EmployeeId
from shared.money import Money

Json = Mapping[str, Any]

_LIMITS: dict[str, Any] = {"product_category": None, "source_kind": None, "sale": None}
_TERMS: dict[str, Any] = {"vip_coefficient": "1.00", "cap": None, "recipients": []}
_TIERED: dict[str, Any] = {
    "mode": "marginal",
    "attainment": {
        "measure": "receipts",
        "scope": "seller",
        "unit": "amount",
        "deals": "matching",
    },
    "threshold": None,
    **_LIMITS,
    **_TERMS,
}
DEFAULTS: Mapping[str, Json] = {
    "percent_of_receipts": {"base": "receipts", **_LIMITS, **_TERMS},
    "fixed": {"minimum_receipts": None, **_LIMITS, **_TERMS},
    "tiered_percent": {"base": "receipts", **_TIERED},
    "tiered_fixed": _TIERED,
    "pool": {
        "percent": None,
        "amount": None,
        "base": "receipts",
        "attainment": {**_TIERED["attainment"], "scope": "room"},
        "threshold": None,
        "shares": [],
        **_LIMITS,
    },
    "cap": {"employee_ids": []},
    "floor": {"employee_ids": []},
    "draw": {"employee_ids": [], "recoverable": True},
}
"""What each kind of rule has where nothing is written."""


def rule_from_json(value: Json) -> Rule:
    """The rule that `rule_to_json` has written."""
    kind = value["kind"]
    return _READERS[kind]({**DEFAULTS[kind], **value})


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """The rule with what it uses; decimals as text with two places, up to four where needed."""
    defaults = DEFAULTS[rule.kind]
    written = {"kind": rule.kind, **_written(rule)}
    return {name: value for name, value in written.items() if value != defaults.get(name, _UNSET)}


def plain(value: Decimal) -> str:
    """A decimal of at most four places as text, with at least two."""
    text = f"{value:.4f}"
    return text[:-2] + text[-2:].rstrip("0")


_UNSET = object()


def _percent(value: Json) -> Rule:
    return PercentOfReceipts(
        Decimal(value["percent"]), _limits(value), value["base"], _terms(value)
    )


def _fixed(value: Json) -> Rule:
    minimum = _money(value["minimum_receipts"])
    return Fixed(Money.model_validate(value["amount"]), _limits(value), minimum, _terms(value))


def _tiered_percent(value: Json) -> Rule:
    tiers = tuple(Tier(Decimal(tier["from"]), Decimal(tier["percent"])) for tier in value["tiers"])
    return _tiered(value, tiers, None, value["base"])


def _tiered_fixed(value: Json) -> Rule:
    tiers = tuple(
        Tier(Decimal(tier["from"]), Decimal(tier["amount"]["amount"])) for tier in value["tiers"]
    )
    return _tiered(value, tiers, value["tiers"][0]["amount"]["currency"], "receipts")


def _tiered(value: Json, tiers: tuple[Tier, ...], currency: str | None, base: Any) -> Rule:
    return Tiered(
        tiers=tiers,
        currency=currency,
        mode=value["mode"],
        attainment=Attainment(**value["attainment"]),
        threshold=_decimal(value["threshold"]),
        base_of=base,
        limits=_limits(value),
        terms=_terms(value),
    )


def _pool(value: Json) -> Rule:
    return Pool(
        percent=_decimal(value["percent"]),
        amount=_money(value["amount"]),
        base_of=value["base"],
        limits=_limits(value),
        attainment=Attainment(**value["attainment"]) if value["attainment"] else ROOM,
        threshold=_decimal(value["threshold"]),
        shares=tuple(
            SellerShare(_employee(part["employee_id"]), Decimal(part["share"]))
            for part in value["shares"]
        ),
    )


_READERS: Mapping[str, Callable[[Json], Rule]] = {
    "percent_of_receipts": _percent,
    "fixed": _fixed,
    "tiered_percent": _tiered_percent,
    "tiered_fixed": _tiered_fixed,
    "pool": _pool,
    "cap": lambda value: Cap(Money.model_validate(value["amount"]), _employees(value)),
    "floor": lambda value: Floor(Money.model_validate(value["amount"]), _employees(value)),
    "draw": lambda value: Draw(
        Money.model_validate(value["amount"]), value["recoverable"], _employees(value)
    ),
}


def _limits(value: Json) -> Limits:
    return Limits(**{name: value[name] for name in _LIMITS})


def _terms(value: Json) -> Terms:
    return Terms(
        vip_coefficient=Decimal(value["vip_coefficient"]),
        cap=_money(value["cap"]),
        recipients=tuple(map(_employee, value["recipients"])),
    )


def _employees(value: Json) -> tuple[EmployeeId, ...]:
    return tuple(map(_employee, value["employee_ids"]))


def _employee(value: str | UUID) -> EmployeeId:
    return EmployeeId(UUID(str(value)))


def _money(value: Json | None) -> Money | None:
    return None if value is None else Money.model_validate(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _written(rule: Rule) -> dict[str, Any]:
    """Every field of the rule but its kind."""
    match rule:
        case PercentOfReceipts():
            return {"percent": plain(rule.percent), "base": rule.base_of, **_shared_terms(rule)}
        case Fixed():
            minimum = _dumped(rule.minimum_receipts)
            amount = _dumped(rule.amount)
            return {"amount": amount, "minimum_receipts": minimum, **_shared_terms(rule)}
        case Tiered():
            return {**_written_tiers(rule), **_shared_terms(rule)}
        case Pool():
            return _written_pool(rule)
        case Draw():
            recoverable = {"recoverable": rule.recoverable}
            return {"amount": _dumped(rule.amount), **recoverable, **_written_ids(rule)}
        case _:
            return {"amount": _dumped(rule.amount), **_written_ids(rule)}


def _written_tiers(rule: Tiered) -> dict[str, Any]:
    return {
        "tiers": [
            {"from": plain(tier.start), "percent": plain(tier.rate)}
            if rule.currency is None
            else {
                "from": plain(tier.start),
                "amount": {"amount": f"{tier.rate:.2f}", "currency": rule.currency},
            }
            for tier in rule.tiers
        ],
        "mode": rule.mode,
        "attainment": _written_attainment(rule.attainment),
        "threshold": _plain(rule.threshold),
        **({} if rule.currency else {"base": rule.base_of}),
    }


def _written_attainment(attainment: Attainment) -> dict[str, str]:
    return {
        "measure": attainment.measure,
        "scope": attainment.scope,
        "unit": attainment.unit,
        "deals": attainment.deals,
    }


def _written_pool(rule: Pool) -> dict[str, Any]:
    return {
        "percent": _plain(rule.percent),
        "amount": _dumped(rule.amount),
        "base": rule.base_of,
        "attainment": _written_attainment(rule.attainment),
        "threshold": _plain(rule.threshold),
        "shares": [
            {"employee_id": str(part.employee_id), "share": f"{part.share:.4f}"}
            for part in rule.shares
        ],
        **_written_limits(rule.limits),
    }


def _shared_terms(rule: PercentOfReceipts | Fixed | Tiered) -> dict[str, Any]:
    return {
        "vip_coefficient": plain(rule.terms.vip_coefficient),
        "cap": _dumped(rule.terms.cap),
        "recipients": _texts(rule.terms.recipients),
        **_written_limits(rule.limits),
    }


def _written_limits(limits: Limits) -> dict[str, Any]:
    return {name: getattr(limits, name) for name in _LIMITS}


def _written_ids(rule: Cap | Floor | Draw) -> dict[str, Any]:
    return {"employee_ids": _texts(rule.employee_ids)}


def _texts(ids: Iterable[EmployeeId]) -> list[str]:
    return [str(id_) for id_ in ids]


def _dumped(money: Money | None) -> dict[str, Any] | None:
    return None if money is None else money.model_dump(mode="json")


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
